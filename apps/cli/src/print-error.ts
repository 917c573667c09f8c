import { inspect } from 'node:util'
import { isHubError, redactText, SnapshotError, visible } from '@hfx/core'
import type { CliIo } from './io.ts'
import { hang } from './output/fold.ts'

/** What failed with its code, and the next step; the stack only with `HFX_DEBUG=1`, and never a secret. */
export function printError(io: CliIo, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  const [first = '', ...more] = message.split('\n')
  io.err(tell(io, 'hfx: ', [`${first}${describeCode(error)}`, ...more]))
  if (isHubError(error) && error.hint !== undefined)
    io.err(tell(io, '  → ', error.hint.split('\n')))
  if (io.env['HFX_DEBUG']) io.err(`${redactText(inspect(error, { depth: 6 }))}\n`)
}

/** The word to look for in docs/errors.md: why the first file failed, rather than that some did. */
function describeCode(error: unknown): string {
  const cause = error instanceof SnapshotError ? (error.failures[0]?.error ?? error) : error
  return isHubError(cause) ? ` [${cause.code}]` : ''
}

/** No secret, and nothing that a server sent to play with the terminal. A terminal gets whole words, a log whole lines. */
function tell(io: CliIo, prefix: string, lines: readonly string[]): string {
  const safe = lines.map((line) => visible(redactText(line)))
  const width = io.stderr.isTTY ? io.stderr.columns : Number.MAX_SAFE_INTEGER
  const [first = '', ...more] = safe
  return [hang(prefix, first, width), ...more.map((line) => hang('  ', line, width))]
    .map((text) => `${text}\n`)
    .join('')
}
