import type { VerifyReport } from '@hfx/cache'
import { HubError, parseRepo, type RepoRef, visible } from '@hfx/core'
import { formatCount } from '@hfx/progress'
import { parseCachedRepo } from '../cache-target.ts'
import type { CacheVerifyFlags } from '../commands/cache.ts'
import { exitCodes } from '../exit-code.ts'
import { ExitError } from '../exit-error.ts'
import type { CliIo } from '../io.ts'
import { readConfig, withHub } from '../open-hub.ts'
import { withStore } from '../open-store.ts'
import { print, readFormat } from '../output/format.ts'

/** Ends with 7 when a file is not what it should be and has not been repaired, after the whole report. */
export async function runCacheVerify(
  io: CliIo,
  name: string,
  flags: CacheVerifyFlags,
): Promise<void> {
  const format = readFormat(flags)
  if (flags.localDir !== undefined && flags.cacheDir !== undefined) {
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: '--local-dir and --cache-dir exclude each other',
      hint: 'Give one of them.',
    })
  }
  const repo =
    flags.repoType === undefined ? parseCachedRepo(name) : parseRepo(name, flags.repoType)
  const [config, { verifyRevision }] = await Promise.all([
    readConfig(io, flags),
    import('@hfx/cache'),
  ])
  const report = await withStore(config, flags.localDir, (deps) =>
    verifyRevision(deps, { repo, revision: flags.revision ?? 'main' }, { signal: io.signal }),
  )
  const repaired = flags.repair ? await repair(io, { repo, report }, flags) : []
  const faults = findFaults(report, flags, new Set(repaired))
  print(io, format, {
    human: () =>
      [
        ...faults,
        ...repaired.map((path) => `repaired ${visible(path)}`),
        ...(faults.length + repaired.length === 0
          ? [`${formatCount(report.checkedCount, 'file')} verified in ${report.folder}`]
          : []),
      ].join('\n'),
    json: () => ({
      repo: repo.id,
      type: repo.type,
      ok: faults.length === 0,
      ...report,
      ...(flags.repair ? { repaired } : {}),
    }),
    quiet: () => (faults.length === 0 ? [report.folder] : report.repair),
  })
  if (format === 'human') printRest(io, report, flags)
  if (faults.length === 0) return
  const message = `${repo.id} in ${report.folder} is not what the Hub has`
  throw new ExitError(exitCodes.integrity, message)
}

/** Fetches again what counts as a fault; what stays away because only some files were wanted is none. */
async function repair(
  io: CliIo,
  { repo, report }: { readonly repo: RepoRef; readonly report: VerifyReport },
  flags: CacheVerifyFlags,
): Promise<readonly string[]> {
  const damaged = report.mismatches.map(({ path }) => path)
  const wanted = new Set([...damaged, ...(flags.failOnMissingFiles ? report.missing : [])])
  if (wanted.size === 0) return []
  const format = readFormat(flags)
  const result = await withHub(io, { flags, format }, ({ client }) =>
    client.snapshot(repo, {
      revision: report.commit,
      select: (files) => files.filter(({ path }) => wanted.has(path)),
      force: true,
      signal: io.signal,
    }),
  )
  return result.files.map(({ path }) => path).toSorted()
}

function findFaults(
  report: VerifyReport,
  flags: CacheVerifyFlags,
  repaired: ReadonlySet<string>,
): readonly string[] {
  const missing = flags.failOnMissingFiles ? report.missing : []
  return [
    ...report.mismatches
      .filter(({ path }) => !repaired.has(path))
      .map(
        ({ path, algorithm, expected, actual }) =>
          `damaged  ${visible(path)}: ${algorithm} ${actual.slice(0, 12)}… instead of ${expected.slice(0, 12)}…`,
      ),
    ...missing.filter((path) => !repaired.has(path)).map((path) => `missing  ${visible(path)}`),
    ...(flags.failOnExtraFiles ? report.extra.map((path) => `extra    ${visible(path)}`) : []),
  ]
}

function printRest(io: CliIo, report: VerifyReport, flags: CacheVerifyFlags): void {
  const missing = flags.repair && flags.failOnMissingFiles ? 0 : report.missing.length
  const counts = [
    [missing, 'not here'],
    [report.extra.length, 'that the repository does not have'],
    [report.unknown.length, 'that nothing here can prove'],
  ] as const
  for (const [count, what] of counts)
    if (count > 0) io.err(`${formatCount(count, 'file')} ${what}\n`)
}
