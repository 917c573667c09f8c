import type { RepoType } from '@hfx/core'
import { type Command, Option } from 'commander'

export interface RepoFlags {
  readonly repoType?: RepoType
  readonly revision?: string
  readonly endpoint?: string
}

/** What every command that names a repository takes. */
export function addRepoFlags(
  command: Command,
  which: { readonly endpoint: boolean } = { endpoint: true },
): Command {
  command
    .addOption(
      new Option('--type, --repo-type <type>', 'kind of repository').choices([
        'model',
        'dataset',
        'space',
        'kernel',
      ]),
    )
    .option('--revision <revision>', 'branch, tag, refs/pr/N or commit (default main)')
  return which.endpoint
    ? command.option('--endpoint <url>', 'address of the Hub or of a mirror')
    : command
}
