import { link, mkdtemp, mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createHubCache, nodePlatform } from '@hfx/cache'
import { type FileStore, pinFile, silentLogger, systemClock, systemRandom } from '@hfx/core'
import { formatBytes } from '@hfx/progress'
import { checkSpace } from '@hfx/transfer'
import { type DoctorContext, type Finding, guard } from './check.ts'

/** Below this much free space most models do not fit. */
const littleBytes = 10e9

/** The volume of the cache: may we write, how can files be linked, do locks exclude, is there room. */
export async function checkDisk({ config }: DoctorContext): Promise<readonly Finding[]> {
  const cacheDir = resolve(config.settings.cacheDir)
  const space = await guard('free space', () => checkRoom(cacheDir))
  const isNew = !(await exists(cacheDir))
  const trial = await guard('cache', async () => {
    await mkdir(cacheDir, { recursive: true })
    const folder = await mkdtemp(join(cacheDir, '.hfx-doctor-'))
    try {
      const writable: Finding = {
        check: 'cache',
        status: 'ok',
        detail: `${cacheDir}${isNew ? ' (new)' : ''}`,
      }
      return [writable, ...(await checkLinks(folder)), await checkLocks(folder)]
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
  const [first] = trial
  if (first?.status === 'fail') {
    const fix = 'Give yourself write permission, or choose another cache with HF_HUB_CACHE.'
    return [{ check: 'cache', status: 'fail', detail: first.detail, fix }, ...space]
  }
  return [...trial, ...space]
}

async function checkLinks(folder: string): Promise<readonly Finding[]> {
  const file = join(folder, 'file')
  await writeFile(file, 'x')
  const kinds = [
    ['symlink', () => symlink('file', join(folder, 'symlink'))],
    ['hardlink', () => link(file, join(folder, 'hardlink'))],
    ['reflink', () => nodePlatform.reflink(file, join(folder, 'reflink'))],
  ] as const
  const works: string[] = []
  for (const [name, make] of kinds) {
    if (
      await make().then(
        () => true,
        () => false,
      )
    )
      works.push(name)
  }
  if (works.includes('symlink')) return [{ check: 'links', status: 'ok', detail: works.join(', ') }]
  return [
    {
      check: 'links',
      status: 'warn',
      detail: `no symbolic links${works.length > 0 ? `, but ${works.join(', ')}` : ''}`,
      fix: 'Snapshots take their own space here. On Windows, turn on Developer Mode.',
    },
  ]
}

/** How long the second of two stores is given to break into a lock that the first holds. */
const patienceMs = 300

/** Two stores on one file: a lock that lets both in is worse than none. */
async function checkLocks(folder: string): Promise<Finding> {
  const deps = { hasher: noHasher, clock: systemClock, random: systemRandom, logger: silentLogger }
  const [one, other] = [
    createHubCache(deps, { root: folder }),
    createHubCache(deps, { root: folder }),
  ]
  const both = await one.withFileLock(trialFile, () => entersToo(other))
  if (!both) return { check: 'locks', status: 'ok', detail: 'processes exclude each other' }
  return {
    check: 'locks',
    status: 'warn',
    detail: 'locks of this volume do not exclude others',
    fix: 'Downloads stay correct, but two at once may fetch the same bytes. A local volume is better.',
  }
}

async function entersToo(store: FileStore): Promise<boolean> {
  let entered = false
  const signal = AbortSignal.timeout(patienceMs)
  const work = (): Promise<void> => {
    entered = true
    return Promise.resolve()
  }
  await store.withFileLock(trialFile, work, { signal }).catch(() => undefined)
  return entered
}

const noHasher = { hashFile: () => Promise.reject(new Error('a lock hashes nothing')) }
const trialFile = pinFile({ type: 'model', id: 'doctor/trial' }, '0'.repeat(40), {
  path: 'trial.bin',
  // Large enough that no store thinks a lock not worth its while.
  sizeBytes: 1e9,
  blobId: '0'.repeat(40),
})

async function checkRoom(cacheDir: string): Promise<readonly Finding[]> {
  const [report] = await checkSpace([{ folder: cacheDir, bytes: 1 }], { force: true })
  const free = report?.freeBytes
  if (free === undefined)
    return [{ check: 'free space', status: 'skip', detail: 'the volume does not tell' }]
  const detail = `${formatBytes(free)} for ${cacheDir}`
  if (free >= littleBytes) return [{ check: 'free space', status: 'ok', detail }]
  return [
    {
      check: 'free space',
      status: 'warn',
      detail,
      fix: 'Make room with hfx cache gc, or choose another cache with HF_HUB_CACHE.',
    },
  ]
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
