import { execFile } from 'node:child_process'
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { version } from '../src/version.ts'
import { baseEnv, type CliResult, runCli, useHub } from './support/use-cli.ts'

const built = fileURLToPath(new URL('../dist/single/hfx.cjs', import.meta.url))
const cli = useHub()

/** The file alone in an otherwise empty folder, under the name that a user would give it. */
async function install(): Promise<{
  readonly folder: string
  readonly home: string
  readonly program: string
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>
}> {
  const folder = await useTempDir()
  const home = await useTempDir()
  const program = join(folder, 'hfx')
  await copyFile(built, program)
  const base = baseEnv(home, { HF_ENDPOINT: cli.hub.url })
  return {
    folder,
    home,
    program,
    run: (args, env = {}) => runCli(args, { program, cwd: folder, env: { ...base, ...env } }),
  }
}

/** A proxy that passes plain requests on and counts them. */
async function startProxy(): Promise<{
  readonly url: string
  count(): number
  close(): Promise<void>
}> {
  let count = 0
  const server = createServer((incoming, outgoing) => {
    count += 1
    const { method, headers } = incoming
    request(incoming.url ?? '', { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => count,
    close: async () => {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('hfx as one file', () => {
  it.skipIf(process.platform === 'win32')('starts by its own name', async () => {
    const { folder, home, program } = await install()
    const { stdout } = await promisify(execFile)(program, ['version'], {
      cwd: folder,
      env: baseEnv(home, {}),
    })
    expect(stdout).toBe(`${version}\n`)
  })

  it('prints the same help as the installed command', async () => {
    const { run } = await install()
    const installed = await (await cli.start()).run(['--help'])
    expect(await run(['--help'])).toMatchObject({ code: 0, stdout: installed.stdout })
  })

  it('downloads a large file in parts and proves its hash in a worker', async () => {
    const { home, run } = await install()
    const args = ['download', 'acme/large', '--local-dir', join(home, 'out')]
    const { code, stderr } = await run(args, { HF_HUB_VERBOSITY: 'debug' })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    // What the engine says, and goes on, where its thread cannot run.
    expect(stderr).not.toContain('hashing on the main thread')
    const parts = cli.hub.requests.filter((one) => one.host === 'cdn' && one.method === 'GET')
    expect(parts.length).toBeGreaterThan(1)
    expect((await readFile(join(home, 'out/big.bin'))).length).toBe(64 * 2 ** 20)
  })

  it('refuses wrong bytes', async () => {
    const { home, run } = await install()
    const fault = cli.hub.addFault({
      on: { path: 'big.bin', host: 'cdn' },
      fault: { kind: 'flip', atByte: 1000 },
    })
    const { code, stderr } = await run(['download', 'acme/large', '--local-dir', join(home, 'out')])
    fault.remove()
    expect(code).toBe(7)
    expect(stderr).toContain('sha256')
  })

  it.each([
    ['hfx.config.yaml', 'connections: 3\n'],
    ['hfx.config.toml', 'connections = 3\n'],
    ['hfx.config.json', '{"connections":3}\n'],
  ])('reads %s', async (name, text) => {
    const { folder, run } = await install()
    await writeFile(join(folder, name), text)
    expect(await run(['config', 'get', 'connections'])).toMatchObject({ code: 0, stdout: '3\n' })
  })

  it('completes, locks and answers as JSON', async () => {
    const { folder, run } = await install()
    expect((await run(['completion', 'zsh'])).stdout).toContain('#compdef hfx')
    expect((await run(['complete', '--', 'dow'])).stdout).toMatch(/^download\t/)
    expect((await run(['lock', 'openai/whisper-tiny'])).code).toBe(0)
    expect(await readFile(join(folder, 'hf.lock'), 'utf8')).toContain('model.safetensors')
    expect(JSON.parse((await run(['ls', 'datasets/acme/data', '--json'])).stdout)).toHaveLength(2)
  })

  it('goes through a proxy', async () => {
    const { run } = await install()
    const proxy = await startProxy()
    const env = { NO_PROXY: '', HTTP_PROXY: proxy.url }
    const { code, stderr } = await run(['download', 'openai/whisper-tiny', '-q'], env)
    await proxy.close()
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(proxy.count()).toBeGreaterThan(0)
  })

  it('leaves nothing beside itself', async () => {
    const { folder, run } = await install()
    await run(['download', 'openai/whisper-tiny', '-q'])
    expect(await readdir(folder)).toEqual(['hfx'])
  })

  it('holds the licence of each package that is in it', async () => {
    const text = await readFile(built, 'utf8')
    const notice = text.slice(text.lastIndexOf('/*!'))
    for (const name of ['commander', 'undici', 'yaml', 'smol-toml', 'valibot', '@clack/prompts'])
      expect(notice).toMatch(
        new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\([\\w-]+\\)\\n\\n.*opyright`, 'ms'),
      )
  })
})
