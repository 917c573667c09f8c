import { inspect } from 'node:util'
import { isHubError, redactText, visible } from '@hfx/core'
import type { CliIo } from './io.ts'

/** What failed and the next step; the stack only with `HFX_DEBUG=1`, and never a secret. */
export function printError(io: CliIo, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  io.err(`hfx: ${oneLine(message)}\n`)
  if (isHubError(error) && error.hint !== undefined) io.err(`  → ${oneLine(error.hint)}\n`)
  if (io.env['HFX_DEBUG']) io.err(`${redactText(inspect(error, { depth: 6 }))}\n`)
}

/** No secret, and nothing that a server sent to play with the terminal. */
function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => visible(redactText(line)))
    .join('\n  ')
}
