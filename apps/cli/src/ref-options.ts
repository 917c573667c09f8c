import type { RevisionOptions } from '@hfx/hub'
import type { RepoFlags } from './commands/repo-flags.ts'
import type { CliIo } from './io.ts'

/** What the flags say of a repository, as the client takes it. */
export function refOptions(io: CliIo, flags: RepoFlags): RevisionOptions {
  return {
    signal: io.signal,
    ...(flags.repoType === undefined ? {} : { type: flags.repoType }),
    ...(flags.revision === undefined ? {} : { revision: flags.revision }),
  }
}
