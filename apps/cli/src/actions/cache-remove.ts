import { resolve } from 'node:path'
import type { GcPin, planGc, planPrune, planRemoval, RemovalPlan, RemovalReport } from '@hfx/cache'
import { parseBytes } from '@hfx/config'
import { HubError, isHubError, silentLogger, systemClock, systemRandom } from '@hfx/core'
import { formatBytes, formatCount } from '@hfx/progress'
import { parseAge } from '../cache-filter.ts'
import { parseRemovalTarget } from '../cache-target.ts'
import type { CacheGcFlags, CachePruneFlags, CacheRemoveFlags } from '../commands/cache.ts'
import { confirm } from '../confirm.ts'
import { exitCodes } from '../exit-code.ts'
import { ExitError } from '../exit-error.ts'
import type { CliIo } from '../io.ts'
import { readConfig } from '../open-hub.ts'
import { type Format, print, readFormat } from '../output/format.ts'

export async function runCacheRm(
  io: CliIo,
  targets: readonly string[],
  flags: CacheRemoveFlags,
): Promise<void> {
  const wanted = targets.map(parseRemovalTarget)
  await remove(io, flags, (cache, root) => cache.planRemoval(root, wanted))
}

export async function runCachePrune(io: CliIo, flags: CachePruneFlags): Promise<void> {
  const options = { ...looseAge(flags), signal: io.signal }
  await remove(io, flags, async (cache, root) => {
    const plan = await cache.planPrune(root, systemClock.now(), options)
    if (plan.repos.length === 0 && readFormat(flags) === 'human') {
      const ageless = { ...options, looseOlderThanMs: 0, detached: false }
      const young = await cache.planPrune(root, systemClock.now(), ageless)
      if (young.repos.length > 0) {
        io.err(
          `${formatBytes(young.freedBytes)} of broken-off downloads and orphans are younger than ${flags.looseOlderThan ?? '1d'}; --loose-older-than 0s takes them, too\n`,
        )
      }
    }
    return plan
  })
}

export async function runCacheGc(io: CliIo, flags: CacheGcFlags): Promise<void> {
  const { maxSize, olderThan } = flags
  if (maxSize === undefined && olderThan === undefined) {
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: 'cache gc needs a limit',
      hint: 'Give --max-size, like 200GB, or --older-than, like 30d, or both.',
    })
  }
  const options = {
    ...looseAge(flags),
    ...(maxSize === undefined ? {} : { maxBytes: readBytes('--max-size', maxSize) }),
    ...(olderThan === undefined ? {} : { olderThanMs: readAge('--older-than', olderThan) }),
    pins: (flags.pin ?? []).map(readPin),
    keepRefs: flags.keepRefs ?? false,
    signal: io.signal,
  }
  await remove(io, flags, (cache, root) => cache.planGc(root, systemClock.now(), options))
}

interface Planners {
  readonly planGc: typeof planGc
  readonly planPrune: typeof planPrune
  readonly planRemoval: typeof planRemoval
}

/** plan → show → ask → remove. */
async function remove(
  io: CliIo,
  flags: CacheRemoveFlags,
  plan: (cache: Planners, root: string) => Promise<RemovalPlan>,
): Promise<void> {
  const format = readFormat(flags)
  const [{ settings }, cache] = await Promise.all([readConfig(io, flags), import('@hfx/cache')])
  const planned = await planOrNothing(resolve(settings.cacheDir), (root) => plan(cache, root))
  if (planned.notFound.length > 0) io.err(`not in the cache: ${planned.notFound.join(', ')}\n`)
  if (planned.repos.length === 0 && planned.notFound.length > 0)
    throw new ExitError(exitCodes.notFound, 'nothing to remove')
  if (flags.dryRun || planned.repos.length === 0) return printPlan(io, format, planned)
  await confirm(io, `Remove ${formatBytes(planned.freedBytes)} from the cache?`, {
    yes: flags.yes,
    format,
    preview: renderPlan(planned),
  })
  const report = await cache.removePlanned(
    { clock: systemClock, random: systemRandom, logger: silentLogger, hasher: noHasher },
    planned,
    { signal: io.signal },
  )
  printReport(io, format, report)
}

/** A cache that is not there yet has nothing to remove. */
async function planOrNothing(
  root: string,
  plan: (root: string) => Promise<RemovalPlan>,
): Promise<RemovalPlan> {
  try {
    return await plan(root)
  } catch (error) {
    if (!isHubError(error, 'HUB_CACHE_NOT_FOUND')) throw error
    return { root, repos: [], freedBytes: 0, notFound: [] }
  }
}

/** Removing hashes nothing; the cache asks for one all the same. */
const noHasher = {
  hashFile: () => Promise.reject(new Error('a removal hashes nothing')),
}

function printPlan(io: CliIo, format: Format, plan: RemovalPlan): void {
  print(io, format, {
    human: () => (plan.repos.length === 0 ? 'Nothing to remove.' : renderPlan(plan)),
    json: () => ({
      dryRun: true,
      freedBytes: plan.freedBytes,
      repos: plan.repos.map(({ repo, whole, revisions, loose, freedBytes }) => ({
        id: `${repo.type}/${repo.id}`,
        whole,
        revisions: revisions.map(({ commit, refs }) => ({ commit, refs })),
        loose: loose.map(({ kind, path, sizeBytes }) => ({ kind, path, sizeBytes })),
        freedBytes,
      })),
      notFound: plan.notFound,
    }),
    quiet: () => plan.repos.map(({ repo }) => `${repo.type}/${repo.id}`),
  })
}

function renderPlan(plan: RemovalPlan): string {
  const lines = plan.repos.flatMap(({ repo, whole, revisions, loose, freedBytes }) => [
    `${repo.type}/${repo.id}${whole ? ' (the whole repository)' : ''}: ${formatBytes(freedBytes)}`,
    ...(whole
      ? []
      : revisions.map(
          ({ commit, refs }) =>
            `  ${commit.slice(0, 12)} ${refs.length > 0 ? refs.join(', ') : '(no ref)'}`,
        )),
    ...(loose.length > 0 ? [`  ${formatCount(loose.length, 'loose file')}`] : []),
  ])
  return [...lines, `together ${formatBytes(plan.freedBytes)}`].join('\n')
}

function printReport(io: CliIo, format: Format, report: RemovalReport): void {
  for (const path of report.inUse) io.err(`in use, kept: ${path}\n`)
  print(io, format, {
    human: () => `Removed ${describeRemoved(report)}.`,
    json: () => ({ dryRun: false, ...report }),
    quiet: () => String(report.freedBytes),
  })
}

/** What went, and what that gave back: a name of bytes that have others gives nothing. */
function describeRemoved(report: RemovalReport): string {
  const repos = report.removedRepos === 1 ? '1 repository' : `${report.removedRepos} repositories`
  const parts = [
    ...(report.removedRepos > 0 ? [repos] : []),
    ...(report.removedRepos === 0 && report.removedRevisions > 0
      ? [formatCount(report.removedRevisions, 'revision')]
      : []),
    ...(report.removedFiles > 0 ? [formatCount(report.removedFiles, 'file')] : []),
  ]
  const freed = formatBytes(report.freedBytes)
  return parts.length === 0 ? 'nothing' : `${parts.join(', ')}: ${freed}`
}

function readPin(text: string): GcPin {
  const { repo, revision } = parseRemovalTarget(text)
  if (repo) return { repo, ...(revision === undefined ? {} : { revision }) }
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `--pin ${text} names no repository`,
    hint: 'Write it as org/name or org/name@revision.',
  })
}

function looseAge(flags: CachePruneFlags) {
  const text = flags.looseOlderThan
  return text === undefined ? {} : { looseOlderThanMs: readAge('--loose-older-than', text) }
}

function readAge(flag: string, text: string): number {
  const age = parseAge(text)
  if (age !== undefined) return age
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `${flag} ${JSON.stringify(text)} is not an age`,
    hint: 'Write it as 12h, 7d, 2w or 1y.',
  })
}

function readBytes(flag: string, text: string): number {
  const bytes = parseBytes(text)
  if (bytes !== undefined) return bytes
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `${flag} ${JSON.stringify(text)} is not a size`,
    hint: 'Write it as 200GB or 64MiB.',
  })
}
