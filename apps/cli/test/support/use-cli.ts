import { spawn } from 'node:child_process'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { env as ownEnv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { type FakeHub, startFakeHub } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { testHub } from './repos.ts'

export const cliPath: string = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Called with each piece of stderr; may send a signal. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
  readonly cwd?: string
  /** Another build of the command. @default dist/main.js */
  readonly program?: string
  /** Whom it runs as. @default who runs the tests */
  readonly uid?: number
  readonly gid?: number
}

export interface CliResult {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
  readonly durationMs: number
}

/** One fake Hub for the file; `start` gives each test a home folder of its own. */
export function useHub(): {
  readonly hub: FakeHub
  start(): Promise<{
    readonly home: string
    readonly run: (args: readonly string[], options?: RunOptions) => Promise<CliResult>
  }>
} {
  let hub: FakeHub | undefined
  const get = (): FakeHub => {
    if (!hub) throw new Error('the Hub is not up yet')
    return hub
  }
  beforeAll(async () => {
    hub = await startFakeHub(testHub)
  })
  beforeEach(() => get().clearRequests())
  afterAll(() => hub?.close())
  return {
    get hub() {
      return get()
    },
    async start() {
      const home = await useTempDir()
      await mkdir(join(home, 'work'))
      const env = baseEnv(home, { HF_ENDPOINT: get().url })
      return {
        home,
        run: (args, options = {}) =>
          runCli(args, { cwd: join(home, 'work'), ...options, env: { ...env, ...options.env } }),
      }
    },
  }
}

/** Nothing of the developer's own settings or tokens reaches the command. */
export function baseEnv(
  home: string,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    HF_HOME: join(home, 'hf'),
    XDG_CONFIG_HOME: join(home, 'config'),
    HFX_RETRY_INTERVAL: '1ms',
    HFX_MAX_RETRIES: '1',
    NO_PROXY: '*',
    COLUMNS: '160',
    ...extra,
  }
}

export async function runCli(args: readonly string[], options: RunOptions): Promise<CliResult> {
  const startedMs = performance.now()
  const child = spawn(process.execPath, [options.program ?? cliPath, ...args], {
    env: options.env,
    cwd: options.cwd,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid }),
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    options.onStderr?.(text, (signal) => child.kill(signal))
  })
  child.stdin?.end(options.input)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  // `pnpm test:secrets` reads what was printed; printing the token is what `auth token` is for.
  const sink = ownEnv['HFX_SECRETS_SINK']
  if (sink !== undefined && args[1] !== 'token') await appendFile(sink, `${stdout}\n${stderr}\n`)
  return { stdout, stderr, code, durationMs: performance.now() - startedMs }
}
