import { CommanderError } from 'commander'
import { exitCodeOf, exitCodes } from './exit-code.ts'
import type { CliIo } from './io.ts'
import { printError } from './print-error.ts'
import { createProgram } from './program.ts'
import { watchInterrupts } from './watch-interrupts.ts'

/** Runs one command line and returns the exit code. The process is touched here and in `main.ts` only. */
export async function run(argv: readonly string[]): Promise<number> {
  const interrupts = watchInterrupts()
  const io: CliIo = {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interrupts.signal,
  }
  // `hfx ls | head -1` closes our stdout early; that is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok)
  })
  try {
    await createProgram(io).parseAsync([...argv], { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    if (interrupts.signal.aborted) {
      io.err('\nInterrupted. What is downloaded is kept; run the same command again to go on.\n')
      return exitCodes.interrupted
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    printError(io, error)
    return exitCodeOf(error)
  } finally {
    interrupts.stop()
  }
}
