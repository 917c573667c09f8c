import { isHubError, type LogFields, type Logger } from '@hfx/core'
import type { Terminal } from '@hfx/progress'
import type { SignalSource } from '@hfx/wiring'

/** The world outside of a sample. `src/main.ts` makes it of the process, the tests of what they like. */
export interface SampleIo {
  /** What stands behind the sample's name on the command line. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** One line of output. */
  print(line: string): void
  /** Asks a person yes or no. */
  confirm(question: string): Promise<boolean>
  /** Where progress is drawn. */
  readonly terminal: Terminal
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal
  /** Where SIGINT and SIGTERM come from. */
  readonly signals: SignalSource
}

/** A sample. It answers with its exit code. */
export type Sample = (io: SampleIo) => Promise<number>

/** Runs a sample; a failure of hfx is told with its code and its next step instead of a stack. */
export async function runSample(sample: Sample, io: SampleIo): Promise<number> {
  try {
    return await sample(io)
  } catch (error) {
    if (!isHubError(error)) throw error
    io.print(`${error.code}: ${error.message}`)
    if (error.hint !== undefined) io.print(error.hint)
    return 1
  }
}

/** A logger of four lines, for programs that have none yet. */
export function createPrintLogger(print: (line: string) => void): Logger {
  const write = (level: string) => (message: string, fields?: LogFields) =>
    print(JSON.stringify({ level, message, ...fields }))
  return { debug() {}, info: write('info'), warn: write('warn'), error: write('error') }
}
