import type { VerifyReport } from '@hfx/cache'
import { HubError, parseRepo, visible } from '@hfx/core'
import { formatCount } from '@hfx/progress'
import { parseCachedRepo } from '../cache-target.ts'
import type { CacheVerifyFlags } from '../commands/cache.ts'
import { exitCodes } from '../exit-code.ts'
import { ExitError } from '../exit-error.ts'
import type { CliIo } from '../io.ts'
import { readConfig } from '../open-hub.ts'
import { withStore } from '../open-store.ts'
import { print, readFormat } from '../output/format.ts'

/** Ends with 7 when a file is not what it should be, after the whole report. */
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
  const faults = findFaults(report, flags)
  print(io, format, {
    human: () =>
      [
        ...faults,
        ...(faults.length === 0
          ? [`${formatCount(report.checkedCount, 'file')} verified in ${report.folder}`]
          : []),
      ].join('\n'),
    json: () => ({ repo: repo.id, type: repo.type, ok: faults.length === 0, ...report }),
    quiet: () => (faults.length === 0 ? [report.folder] : report.repair),
  })
  if (format === 'human') printRest(io, report)
  if (faults.length > 0)
    throw new ExitError(
      exitCodes.integrity,
      `${repo.id} in ${report.folder} is not what the Hub has`,
    )
}

function findFaults(report: VerifyReport, flags: CacheVerifyFlags): readonly string[] {
  return [
    ...report.mismatches.map(
      ({ path, algorithm, expected, actual }) =>
        `damaged  ${visible(path)}: ${algorithm} ${actual.slice(0, 12)}… instead of ${expected.slice(0, 12)}…`,
    ),
    ...(flags.failOnMissingFiles ? report.missing.map((path) => `missing  ${visible(path)}`) : []),
    ...(flags.failOnExtraFiles ? report.extra.map((path) => `extra    ${visible(path)}`) : []),
  ]
}

function printRest(io: CliIo, report: VerifyReport): void {
  const counts = [
    [report.missing.length, 'not here'],
    [report.extra.length, 'that the repository does not have'],
    [report.unknown.length, 'that nothing here can prove'],
  ] as const
  for (const [count, what] of counts)
    if (count > 0) io.err(`${formatCount(count, 'file')} ${what}\n`)
}
