import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One command line, run without a shell. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  /** Added to a bare environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** A whole process as the system accounts for it, from its start to its exit. */
export interface Measured {
  readonly wallMs: number
  /** User and system time of the process and of those it waited for. */
  readonly cpuMs: number
  /** Of the largest single process. */
  readonly peakBytes: number
  readonly exitCode: number
  /** The end of what it wrote, for messages. */
  readonly output: string
}

export interface MeasureDeps {
  /** GNU time; without it CPU and memory are 0. */
  readonly gnuTime: string | undefined
  /** For the figures that GNU time writes. */
  readonly folder: string
}

export interface MeasureOptions {
  /** The process group is killed after this. @default 600_000 */
  readonly timeoutMs?: number
  /** Kills the process group the moment it aborts. */
  readonly kill?: AbortSignal
}

/** Runs a command to its end. Never throws for what the command does: look at `exitCode`. */
export async function measure(
  deps: MeasureDeps,
  command: Command,
  options: MeasureOptions = {},
): Promise<Measured> {
  const figures = join(deps.folder, 'time.txt')
  const timed = deps.gnuTime
    ? { file: deps.gnuTime, args: ['-o', figures, '-f', '%U %S %M', command.file, ...command.args] }
    : command
  const startedMs = performance.now()
  const child = spawn(timed.file, timed.args, {
    detached: true,
    env: bareEnvironment(deps.folder, command.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended: Promise<readonly unknown[]> = once(child, 'exit')
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-2000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const stop = (): void => killGroup(child.pid)
  const timer = setTimeout(stop, options.timeoutMs ?? 600_000)
  options.kill?.addEventListener('abort', stop, { once: true })
  const [code]: readonly unknown[] = await ended
  const wallMs = performance.now() - startedMs
  clearTimeout(timer)
  options.kill?.removeEventListener('abort', stop)
  return {
    wallMs,
    ...(deps.gnuTime ? await readFigures(figures) : { cpuMs: 0, peakBytes: 0 }),
    exitCode: typeof code === 'number' ? code : 137,
    output,
  }
}

/** Nothing of the caller's: extra certificates and proxies cost start-up time or change what is measured. */
function bareEnvironment(
  home: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: home, LANG: 'C', ...more }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH'
    if (!gone) throw error
  }
}

async function readFigures(path: string): Promise<Pick<Measured, 'cpuMs' | 'peakBytes'>> {
  const text = await readFile(path, 'utf8')
  // A line before the figures tells a status that is not 0.
  const [user = 0, system = 0, kib = 0] = (text.trim().split('\n').at(-1) ?? '')
    .split(' ')
    .map(Number)
  return { cpuMs: (user + system) * 1000, peakBytes: kib * 1024 }
}
