import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startFakeHub } from '@hfx/fake-hub'
import { describe, expect, it, onTestFinished } from 'vitest'
import { guardTerminal } from '../src/output/guard-terminal.ts'
import { useHub } from './support/use-cli.ts'

const cli = useHub()
const signs = ['\u001B', '\u0007', '\u009B', '\u202E', '\r']

function expectTame(...texts: readonly string[]): void {
  for (const text of texts) for (const sign of signs) expect(text).not.toContain(sign)
}

describe('SE-3: a terminal shows names and answers, and obeys none', () => {
  it('of a server that fails', async () => {
    const hub = await startFakeHub({ repos: [{ id: 'a/b' }] })
    onTestFinished(() => hub.close())
    const message = 'no \u001B]52;c;aGk=\u0007way\u009B2J\u202E hf_abcdefghijklmnop'
    hub.addFault({
      on: {},
      fault: { kind: 'status', status: 400, body: JSON.stringify({ error: message }) },
    })
    const { run } = await cli.start()
    for (const args of [['ls'], ['info'], ['download']]) {
      const { stderr, stdout, code } = await run([...args, 'a/b', '--endpoint', hub.url], {
        env: { HFX_DEBUG: '1', HF_HUB_VERBOSITY: 'debug' },
      })
      expect(code).not.toBe(0)
      expect(stderr).toContain('way')
      expect(stderr).not.toContain('hf_abcdefghijklmnop')
      expectTame(stderr, stdout)
    }
  })

  it('of a cache that somebody else has filled', async () => {
    const { run, home } = await cli.start()
    const snapshots = join(home, 'hf/hub/models--a--b/snapshots')
    await mkdir(join(snapshots, '0123456789abcdef0123456789abcdef01234567'), { recursive: true })
    await writeFile(join(snapshots, 'evil\u001B[2J\u202E'), '')
    await symlink('nowhere', join(snapshots, '0123456789abcdef0123456789abcdef01234567', 'x\u009B'))
    await mkdir(join(home, 'hf/hub/models--a--c/snapshots/evil\u001B[1A'), { recursive: true })
    for (const args of [
      ['cache', 'ls', '--show-warnings'],
      ['cache', 'ls', '--revisions'],
    ]) {
      const { stderr, stdout } = await run(args)
      expect(stdout + stderr).toContain('evil')
      expectTame(stderr, stdout)
    }
  })

  it('whatever is printed: only line ends, tabs and colours pass', () => {
    expect(guardTerminal('a\tb\n\u001B[32mgreen\u001B[0m')).toBe('a\tb\n\u001B[32mgreen\u001B[0m')
    const played = '\u001B[2J\u001B]0;x\u0007\r\u009B1A\u202E'
    expect(guardTerminal(played)).toBe('�[2J�]0;x���1A�')
  })
})

describe('PX-2: the password of a proxy is in no report', () => {
  it.each([
    'http://user:s3cr3t@127.0.0.1:1',
    'user:s3cr3t@127.0.0.1:1',
    'http://user:s3cr3t@den@127.0.0.1:1',
    'http://user:s3cr3t/den@127.0.0.1:1',
  ])('%s', async (proxy) => {
    const { run } = await cli.start()
    const env = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: '' }
    for (const args of [
      ['env'],
      ['env', '--json'],
      ['doctor'],
      ['ls', 'a/b'],
      ['config', 'explain'],
    ]) {
      const { stdout, stderr } = await run(args, { env: { ...env, HFX_DEBUG: '1' } })
      expect(stdout + stderr).not.toMatch(/s3cr3t|den@/)
    }
  })
})
