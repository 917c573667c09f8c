import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { exitCodeRows } from '../src/exit-code.ts'
import { listCommands, renderReference } from './support/reference.ts'
import { useHub } from './support/use-cli.ts'

const cli = useHub()
const commands = listCommands()
const examples = commands.flatMap(({ help }) =>
  Array.from(help.matchAll(/^ {2}\$ (hfx .*)$/gm), (match) => match[1] ?? ''),
)

/** Words of a line as a shell would split it; quotes and `<` are all that examples use. */
function split(line: string): { readonly args: readonly string[]; readonly input?: string } {
  const [left = '', from] = line.split(' < ')
  const args = Array.from(
    left.matchAll(/"([^"]*)"|(\S+)/g),
    (match) => match[1] ?? match[2] ?? '',
  ).slice(1)
  return from === undefined ? { args } : { args, input: 'hf_ada_ada_ada_1234\n' }
}

describe('help', () => {
  it.each(examples)('the example "%s" runs as it stands', async (line) => {
    const { home, run } = await cli.start()
    const env = { HF_TOKEN: 'hf_ada_ada_ada_1234' }
    await writeFile(join(home, 'work/hf.lock'), '{"lockVersion":1,"repos":[]}\n')
    if (/cache (rm|verify)/.test(line)) await run(['download', 'openai/whisper-tiny', '-q'])
    const { args, input } = split(line)
    const { code, stderr } = await run(args, { env, ...(input === undefined ? {} : { input }) })
    expect({ code, stderr }).toMatchObject({ code: 0 })
  })

  it('every command that does something has an example, but for those that wait', () => {
    const without = commands
      .filter(({ command, help }) => command.commands.length === 0 && !help.includes('Examples:'))
      .map(({ name }) => name)
    expect(without).toEqual([
      'hfx auth switch',
      'hfx auth token',
      'hfx env',
      'hfx demo serve',
      'hfx version',
      'hfx help',
    ])
  })

  it('docs/cli.md is what the program says of itself (write it anew with: vitest run -u)', async () => {
    await expect(renderReference(commands)).toMatchFileSnapshot('../../../docs/cli.md')
  })

  it('every flag of the code has a test that spawns it', async () => {
    const files = ['download', 'cache', 'auth', 'config', 'lock', 'commands', 'help', 'errors']
    const texts = await Promise.all(
      files.map((name) => readFile(new URL(`./${name}.test.ts`, import.meta.url), 'utf8')),
    )
    const text = texts.join('\n')
    const missing = commands.flatMap(({ name, command }) =>
      flagsOf(command)
        .filter(
          (flags) =>
            !flags.some(
              (flag) =>
                text.includes(`'${flag}'`) || examples.some((line) => line.includes(` ${flag}`)),
            ),
        )
        .map((flags) => `${name} ${flags.join(' ')}`),
    )
    expect(missing).toEqual([])
  })

  it('bare and group commands print help to stderr and end with 2; --help to stdout and 0', async () => {
    const { run } = await cli.start()
    for (const args of [[], ['cache'], ['auth']]) {
      const { code, stdout, stderr } = await run(args)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain('Usage: hfx')
    }
    expect(await run(['help', 'cache', 'ls'])).toMatchObject({ code: 0, stderr: '' })
    expect((await run(['help', 'nonsense'])).code).toBe(2)
  })

  it('hfx --help and hfx help exit-codes list every exit code; topics name every option and variable', async () => {
    const { run } = await cli.start()
    const [top, codes, config, environment] = await Promise.all(
      [['--help'], ['help', 'exit-codes'], ['help', 'config'], ['help', 'environment']].map(
        (args) => run(args),
      ),
    )
    for (const [code, meaning] of exitCodeRows) {
      expect(top?.stdout).toContain(`${code}  ${meaning}`)
      expect(codes?.stdout).toContain(`${code}  ${meaning}`)
    }
    expect(config?.stdout).toMatch(/^ {2}connections$/m)
    expect(environment?.stdout).toMatch(/^ {2}HF_HUB_CACHE$/m)
  })

  it('--help, cache ls and completion load neither undici nor the client; a download does', async () => {
    const { home, run } = await cli.start()
    const load = async (name: string, args: readonly string[]) => {
      const folder = join(home, name)
      await run(args, { env: { NODE_V8_COVERAGE: folder } })
      const [file = ''] = await readdir(folder)
      const report: { result: { url: string }[] } = JSON.parse(
        await readFile(join(folder, file), 'utf8'),
      )
      return report.result.filter(({ url }) =>
        /\/undici\/|packages\/(http|api|transfer|hub|fake-hub)\/dist/.test(url),
      )
    }
    expect(await load('help', ['--help'])).toEqual([])
    expect(await load('version', ['version'])).toEqual([])
    expect(await load('cache', ['cache', 'ls'])).toEqual([])
    expect(await load('complete', ['complete', '--', 'dow'])).toEqual([])
    expect(await load('download', ['download', 'acme/tiny-GGUF', 'README.md'])).not.toEqual([])
  })
})

/** Names of each flag, the general ones of every command left out. */
function flagsOf(command: Command): readonly (readonly string[])[] {
  return command.options
    .filter(
      ({ long }) => !['--help', '--format', '--json', '--quiet', '--version'].includes(long ?? ''),
    )
    .map(({ short, long }) => [short, long].filter((flag) => flag !== undefined))
}
