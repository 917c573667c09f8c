import { HubError, type RepoFile, visible } from '@hfx/core'
import { selectQuant, selectWeights, type SkippedFile } from '@hfx/hub'
import type { CliIo } from './io.ts'
import type { Wanted } from './read-wanted.ts'

/** How files are chosen beyond patterns, and what that left out. */
export interface Choice {
  readonly select: ((files: readonly RepoFile[]) => readonly RepoFile[]) | undefined
  /** Known once the listing has been seen. */
  skipped(): readonly SkippedFile[]
}

export interface ChoiceFlags {
  readonly weights?: string
  readonly mmproj?: boolean
}

/** `org/name:QUANT` takes one GGUF model, `--weights auto` drops second copies of the weights. */
export function createChoice(want: Wanted, flags: ChoiceFlags): Choice {
  const { quant } = want
  if (quant !== undefined) {
    const mmproj = flags.mmproj ?? false
    return { select: (files) => selectQuant(files, quant, { mmproj }), skipped: () => [] }
  }
  if (flags.mmproj) {
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: `--mmproj needs a quantisation, and ${want.repo} names none`,
      hint: `Write it as ${want.repo}:Q4_K_M.`,
    })
  }
  if (flags.weights !== 'auto') return { select: undefined, skipped: () => [] }
  let skipped: readonly SkippedFile[] = []
  return {
    select(files) {
      const choice = selectWeights(files)
      skipped = choice.skipped
      return choice.selected
    },
    skipped: () => skipped,
  }
}

/** Every file that was left out, with the reason. */
export function printSkipped(io: CliIo, choice: Choice): void {
  for (const { path, reason } of choice.skipped()) io.err(`skipped ${visible(path)}: ${reason}\n`)
}
