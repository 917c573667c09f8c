import { describe, expect, it } from 'vitest'
import { useHub } from './support/use-cli.ts'

const cli = useHub()
const repo = 'openai/whisper-tiny'

const screens: Readonly<Record<string, readonly string[]>> = {
  help: ['--help'],
  'help-download': ['download', '--help'],
  download: ['download', repo, '--progress', 'none'],
  plan: ['download', repo, '--plan', '--weights', 'auto'],
  ls: ['ls', repo],
  tree: ['ls', repo, '--tree'],
  info: ['info', repo],
  'cache-ls': ['cache', 'ls'],
  'cache-revisions': ['cache', 'ls', '--revisions'],
  'cache-rm': ['cache', 'rm', repo, '--dry-run'],
  'auth-whoami': ['auth', 'whoami'],
  'config-explain': ['config', 'explain', 'policy'],
  'not-found': ['download', 'acme/nothing'],
  ambiguous: ['download', 'acme/tiny-GGUF:Q4', '--progress', 'none'],
  'unknown-command': ['dowload'],
}

describe('screens', () => {
  it.each([80, 40])('are as they were, at %i columns (see test/screens)', async (columns) => {
    const { home, run } = await cli.start()
    await run(['download', repo, '-q'])
    for (const [name, args] of Object.entries(screens)) {
      const { stdout, stderr } = await run(args, {
        env: { COLUMNS: String(columns), HF_TOKEN: 'hf_ada_ada_ada_1234' },
      })
      const screen = `$ hfx ${args.join(' ')}\n${stdout}${stderr === '' ? '' : `--- stderr\n${stderr}`}`
      const stable = screen.replaceAll(home, '~').replaceAll(cli.hub.url, 'http://hub.test:1')
      await expect(stable).toMatchFileSnapshot(`screens/${name}-${columns}.txt`)
    }
  })

  it('hold no colour in a pipe, and hold it where it is forced', async () => {
    const { run } = await cli.start()
    const plain = await run(['doctor', '--repo', repo])
    expect(plain.stdout).not.toContain('\u001B')
    const forced = await run(['doctor', '--repo', repo], { env: { FORCE_COLOR: '1' } })
    expect(forced.stdout).toContain('\u001B[32mok')
    const none = await run(['doctor', '--repo', repo], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })
    expect(none.stdout).not.toContain('\u001B')
  })

  it('are the same with CI=true', async () => {
    const { run } = await cli.start()
    const args = ['ls', repo]
    expect((await run(args, { env: { CI: 'true' } })).stdout).toBe((await run(args)).stdout)
  })
})
