import type { ExitCode } from './exit-code.ts'

/** A command that has said all it has to say, or says it in one line, and ends with a code of its own. */
export class ExitError extends Error {
  override readonly name = 'ExitError'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message = '') {
    super(message)
    this.exitCode = exitCode
  }
}
