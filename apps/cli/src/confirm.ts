import { HubError } from '@hfx/core'
import { exitCodes } from './exit-code.ts'
import { ExitError } from './exit-error.ts'
import type { CliIo } from './io.ts'
import type { Format } from './output/format.ts'

/**
 * Asks before something is lost. The answer is no unless somebody types yes.
 * @throws HubError `HUB_INVALID_OPTION` where nobody can be asked; ExitError 1 for a no
 */
export async function confirm(
  io: CliIo,
  question: string,
  given: { readonly yes: boolean | undefined; readonly format: Format; readonly preview: string },
): Promise<void> {
  if (given.yes) return
  if (!isInteractive(io) || given.format === 'json' || given.format === 'ndjson') {
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: `"${question}" cannot be asked here`,
      hint: 'Add --yes to go on without a question, or --dry-run to only look.',
    })
  }
  io.err(`${given.preview}\n`)
  const prompts = await import('@clack/prompts')
  const answer = await prompts.confirm({
    message: question,
    initialValue: false,
    input: io.stdin,
    output: io.stderr,
  })
  if (prompts.isCancel(answer)) throw new ExitError(exitCodes.interrupted)
  if (!answer) throw new ExitError(exitCodes.unexpected, 'nothing was done')
}

/** True when a person can see a question and type an answer. */
export function isInteractive(io: CliIo): boolean {
  return io.stdin.isTTY && io.stderr.isTTY
}
