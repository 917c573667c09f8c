import { HubError, redactText } from '@hfx/core'
import { CommanderError } from 'commander'
import { exitCodeOf, exitCodes } from './exit-code.ts'
import { ExitError } from './exit-error.ts'
import type { CliIo } from './io.ts'
import { guardTerminal } from './output/guard-terminal.ts'
import { printError } from './print-error.ts'
import { createProgram } from './program.ts'
import { watchInterrupts } from './watch-interrupts.ts'

/** Runs one command line and returns the exit code; `end` leaves at once. */
export async function run(argv: readonly string[], end: (code: number) => void): Promise<number> {
  const interrupts = watchInterrupts(end)
  const io: CliIo = {
    // A program behind a pipe gets names as they are.
    out: (text) => process.stdout.write(process.stdout.isTTY ? guardTerminal(text) : text),
    err: (text) => process.stderr.write(guardTerminal(text)),
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interrupts.signal,
  }
  endWhenClosed(end)
  try {
    refuseToken(argv)
    await createProgram(io).parseAsync([...argv], { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    if (interrupts.signal.aborted) {
      io.err(describeInterruption(argv))
      return exitCodes.interrupted
    }
    if (error instanceof ExitError) {
      if (error.message !== '') io.err(`hfx: ${error.message}\n`)
      return error.exitCode
    }
    printError(io, error)
    return exitCodeOf(error)
  } finally {
    interrupts.stop()
  }
}

/** `hfx ls | head -1` closes our stdout early; that is no failure of ours. A closed stderr is none either. */
function endWhenClosed(end: (code: number) => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') end(exitCodes.ok)
    })
  }
}

/** Everyone on a machine can read command lines, and shells remember them. */
function refuseToken(argv: readonly string[]): void {
  const end = argv.indexOf('--')
  const flags = end === -1 ? argv : argv.slice(0, end)
  if (!flags.some((flag) => flag === '--token' || flag.startsWith('--token='))) return
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: '--token is not accepted: others can read command lines',
    hint: 'Set HF_TOKEN, or log in with hfx auth login.',
  })
}

/** How to go on, where there is something to go on with. */
function describeInterruption(argv: readonly string[]): string {
  if (argv[0] !== 'download') return '\nInterrupted.\n'
  const words = argv.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`,
  )
  return `\nInterrupted. What is downloaded is kept. To go on:\n  ${redactText(`hfx ${words.join(' ')}`)}\n`
}
