import { HubError, type RepoRef } from '@hfx/core'
import { formatCount } from '@hfx/progress'
import type { CliIo } from './io.ts'
import type { OpenHub } from './open-hub.ts'
import { withStore } from './open-store.ts'

/**
 * Hashes the files of a revision once more, those that were here before included.
 * @throws HubError `HUB_HASH_MISMATCH` naming the damaged files
 */
export async function verifyCached(
  io: CliIo,
  { config }: Pick<OpenHub, 'config'>,
  subject: { readonly repo: RepoRef; readonly commit: string },
): Promise<void> {
  const { verifyRevision } = await import('@hfx/cache')
  const report = await withStore(config, undefined, (deps) =>
    verifyRevision(deps, { repo: subject.repo, revision: subject.commit }, { signal: io.signal }),
  )
  const damaged = report.mismatches.map(({ path }) => path)
  if (damaged.length === 0) {
    io.err(`verified ${formatCount(report.checkedCount, 'file')} of ${subject.repo.id}\n`)
    return
  }
  throw new HubError({
    code: 'HUB_HASH_MISMATCH',
    message: `${formatCount(damaged.length, 'file')} of ${subject.repo.id} are not what the Hub has: ${damaged.join(', ')}`,
    hint: `Fetch them again: hfx download ${subject.repo.id} ${damaged.join(' ')} --force-download`,
  })
}
