import { spawn, spawnSync } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { baseEnv, cliPath, useHub } from './support/use-cli.ts'

const cli = useHub()
/** util-linux's `script` gives a command a terminal of its own. */
const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0

interface Typed {
  /** Part of what is on the screen when it is time to type. */
  readonly after: string
  readonly keys: string
}

/** Runs a command on a terminal and types; answers with all that was on the screen. */
async function runOnTerminal(home: string, args: readonly string[], typed: Typed) {
  const words = [process.execPath, cliPath, ...args].map((word) => `'${word}'`)
  const line = `stty cols 80 rows 24; ${words.join(' ')}`
  const { COLUMNS: _, ...env } = baseEnv(home, { HF_ENDPOINT: cli.hub.url, TERM: 'xterm' })
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let screen = ''
  let isTyped = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    if (isTyped || !screen.includes(typed.after)) return
    isTyped = true
    child.stdin.write(typed.keys)
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { screen, code }
}

describe.skipIf(!hasScript)('on a terminal', () => {
  it('a removal asks, and Enter alone means no', async () => {
    const { home, run } = await cli.start()
    await run(['download', 'acme/tiny-GGUF', 'README.md', '-q'])
    const question = { after: 'from the cache?' }
    const no = await runOnTerminal(home, ['cache', 'rm', 'acme/tiny-GGUF'], {
      ...question,
      keys: '\r',
    })
    expect(no.code).toBe(1)
    expect(no.screen).toContain('nothing was done')
    const cancelled = await runOnTerminal(home, ['cache', 'rm', 'acme/tiny-GGUF'], {
      ...question,
      keys: '\u0003',
    })
    expect(cancelled.code).toBe(130)
    expect((await run(['cache', 'ls', '-q'])).stdout).toBe('model/acme/tiny-GGUF\n')
    const yes = await runOnTerminal(home, ['cache', 'rm', 'acme/tiny-GGUF'], {
      ...question,
      keys: 'y',
    })
    expect(yes.code).toBe(0)
    expect((await run(['cache', 'ls', '-q'])).stdout).toBe('')
  })

  it('a token that is typed is not shown', async () => {
    const { home } = await cli.start()
    const token = 'hf_ada_ada_ada_1234'
    const { screen, code } = await runOnTerminal(home, ['auth', 'login'], {
      after: 'Token',
      keys: `${token}\r`,
    })
    expect(code).toBe(0)
    expect(screen).toContain('Logged in as ada')
    expect(screen).not.toContain(token)
    expect(await readFile(join(home, 'hf/token'), 'utf8')).toBe(token)
    expect((await stat(join(home, 'hf/token'))).mode & 0o077).toBe(0)
  })

  it('a download draws bars and leaves one line about it', async () => {
    const { home } = await cli.start()
    const fault = cli.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'latency', ms: 400 } })
    const never = { after: '\u0000', keys: '' }
    const { screen, code } = await runOnTerminal(home, ['download', 'openai/whisper-tiny'], never)
    fault.remove()
    expect(code).toBe(0)
    expect(screen).toContain('\u001B[J')
    expect(screen).toMatch(/✓.* openai\/whisper-tiny .*7 files, 600 kB; 600 kB fetched/)
  })

  it('an error is told in whole words below its first, with its code', async () => {
    const { home } = await cli.start()
    const never = { after: '\u0000', keys: '' }
    const { screen, code } = await runOnTerminal(home, ['ls', 'acme/nothing'], never)
    expect(code).toBe(4)
    const lines = screen.trimEnd().split('\r\n')
    expect(lines.map((line) => line.slice(0, 4))).toEqual(['hfx:', '    ', '  → ', '    '])
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(lines[1]).toMatch(/ \[HUB_REPO_NOT_FOUND\]$/)
  })
})
