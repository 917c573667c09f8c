import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CacheDeps,
  createHubCache,
  leaseRevision,
  planPrune,
  planRemoval,
  removePlanned,
  scanCache,
  verifyRevision,
} from '@hfx/cache'
import { silentLogger, systemClock, systemRandom } from '@hfx/core'
import { describeWithPython } from '@hfx/testing'
import { createFileHasher } from '@hfx/transfer'
import { expect, it, onTestFinished } from 'vitest'
import { files, offline, paths, repo, repoSpec, type Stage, useStage } from './stage.ts'

function openDeps(): CacheDeps {
  const hasher = createFileHasher()
  onTestFinished(() => hasher.close())
  return { hasher, clock: systemClock, random: systemRandom, logger: silentLogger }
}

const dataset = { id: 'x/y', type: 'dataset', commits: [{ files }] } as const

/** Each client brings what the other has not: two revisions of a model, and a dataset. */
async function useMixedCache(
  stage: Stage,
  ask: (args: Readonly<Record<string, unknown>>) => Promise<unknown>,
): Promise<string> {
  const root = join(stage.folder, 'hub')
  await stage.open(root).snapshot('a/b')
  await ask({ repo_id: 'a/b', cache_dir: root, revision: 'refs/pr/1' })
  await ask({ repo_id: 'x/y', repo_type: 'dataset', cache_dir: root })
  return root
}

describeWithPython('tools for one cache, Python’s and ours', (python) => {
  const bring =
    (stage: Stage) =>
    (args: Readonly<Record<string, unknown>>): Promise<unknown> =>
      python.ask({ do: 'snapshot', args }, stage.online)

  it('case 65: both scan a mixed cache to the same repositories, sizes, files and refs', async () => {
    const stage = await useStage([repoSpec, dataset])
    const root = await useMixedCache(stage, bring(stage))
    const ours = await scanCache(root, { files: true })
    const repos = ours.repos
      .map((one) => ({
        id: one.repo.id,
        type: one.repo.type,
        size: one.sizeBytes,
        files: one.fileCount,
        refs: one.refs,
        revisions: Object.fromEntries(
          one.revisions.map((revision) => [
            revision.commit,
            { size: revision.sizeBytes, files: revision.files.map(({ path }) => path).toSorted() },
          ]),
        ),
      }))
      .toSorted((a, b) => (a.type < b.type ? -1 : 1))
    expect(await python.ask({ do: 'scan', cache_dir: root })).toEqual({
      size: ours.sizeBytes,
      warnings: [],
      incomplete: [],
      repos,
    })
    expect(ours.warnings).toEqual([])
  })

  it('case 68: what desktops and others leave means the same to both', async () => {
    const stage = await useStage([repoSpec, dataset])
    const root = await useMixedCache(stage, bring(stage))
    await writeFile(join(root, '.DS_Store'), 'x')
    await writeFile(join(root, 'stray.txt'), 'x')
    const commit = stage.commit()
    await writeFile(join(root, 'models--a--b/snapshots/.DS_Store'), 'x')
    const blob = await readFile(join(root, 'models--a--b/refs/main'), 'utf8')
    expect(blob).toBe(commit)
    const folder = join(root, 'datasets--x--y/blobs')
    for (const name of await readdir(folder)) await rm(join(folder, name))
    const theirs = await python.ask({ do: 'scan', cache_dir: root })
    const ours = await scanCache(root)
    expect(theirs).toMatchObject({ repos: [{ id: 'a/b' }], size: ours.sizeBytes })
    expect(ours.repos.map((one) => one.repo.id)).toEqual(['a/b'])
    expect(ours.damaged.map((one) => one.repo.id)).toEqual(['x/y'])
    // Python stops at the first fault of a repository; we tell every one.
    expect(theirs).toMatchObject({ warnings: [expect.anything(), expect.anything()] })
  })

  it('leases, locks, partials and journals of ours are no corruption to Python, and its prune takes the partials', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    await stage.open(root).snapshot('a/b')
    const deps = openDeps()
    const lease = await leaseRevision(deps, { root, repo, commit: stage.commit() })
    const blobs = join(root, 'models--a--b/blobs')
    const partials = ['a'.repeat(64), 'b'.repeat(64)].flatMap((etag) => [
      join(blobs, `${etag}.0123abcd.incomplete`),
      join(blobs, `${etag}.0123abcd.4567cdef.journal.incomplete`),
    ])
    for (const path of partials) await writeFile(path, 'half')
    await writeFile(join(root, 'models--a--b/tmp_0123456789abcdef'), 'temp')
    const theirs = await python.ask({ do: 'scan', cache_dir: root })
    expect(theirs).toMatchObject({ warnings: [], incomplete: partials.toSorted() })
    expect(await python.hf(['cache', 'ls', '--cache-dir', root])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('a/b'),
    })
    const pruned = await python.hf(['cache', 'prune', '--yes', '--cache-dir', root])
    expect(pruned.code).toBe(0)
    expect((await readdir(blobs)).filter((name) => name.endsWith('.incomplete'))).toEqual([])
    expect(await stage.open(root, { offline: true }).snapshot('a/b')).toMatchObject({
      completeness: 'proven',
    })
    await lease.release()
  })

  it('cases 66, 69: either removes one of two revisions, gives back as much, and leaves the other whole', async () => {
    const stage = await useStage()
    const freed: unknown[] = []
    for (const who of ['ours', 'theirs'] as const) {
      const root = join(stage.folder, who)
      await stage.open(root).snapshot('a/b')
      await bring(stage)({ repo_id: 'a/b', cache_dir: root, revision: 'refs/pr/1' })
      const gone = stage.commit('refs/pr/1')
      if (who === 'theirs') {
        freed.push(await python.ask({ do: 'delete', cache_dir: root, revisions: [gone] }))
      } else {
        const plan = await planRemoval(root, [{ repo, revision: gone }])
        freed.push({ freed: (await removePlanned(openDeps(), plan)).freedBytes })
      }
      expect(await python.ask({ do: 'scan', cache_dir: root })).toMatchObject({
        warnings: [],
        repos: [{ refs: { main: stage.commit() }, files: paths.length }],
      })
      expect((await scanCache(root)).warnings).toEqual([])
      expect(await stage.open(root, { offline: true }).snapshot('a/b')).toMatchObject({
        completeness: 'proven',
      })
      const args = { repo_id: 'a/b', cache_dir: root }
      expect(await python.ask({ do: 'snapshot', args }, offline)).toBe(
        join(root, 'models--a--b/snapshots', stage.commit()),
      )
    }
    expect(freed[0]).toEqual(freed[1])
    expect(freed[0]).toEqual({ freed: 9 })
  })

  it('case 67: either removes a repository of the other as a whole, by its command too', async () => {
    const stage = await useStage([repoSpec, dataset])
    const root = await useMixedCache(stage, bring(stage))
    const removed = await python.hf(['cache', 'rm', 'model/a/b', '--yes', '--cache-dir', root])
    expect(removed.code).toBe(0)
    await expect(stat(join(root, 'models--a--b'))).rejects.toThrow('ENOENT')
    const plan = await planRemoval(root, [{ repo: { type: 'dataset', id: 'x/y' } }])
    await removePlanned(openDeps(), plan)
    await expect(stat(join(root, 'datasets--x--y'))).rejects.toThrow('ENOENT')
    expect(await python.ask({ do: 'scan', cache_dir: root })).toMatchObject({
      size: 0,
      warnings: [],
      repos: [],
    })
  })

  it('prune of either takes the revision that no ref names, and only that', async () => {
    const stage = await useStage()
    for (const who of ['ours', 'theirs'] as const) {
      const root = join(stage.folder, who)
      await stage.open(root).snapshot('a/b', { revision: stage.commit('refs/pr/1') })
      await bring(stage)({ repo_id: 'a/b', cache_dir: root })
      if (who === 'theirs') {
        const { code } = await python.hf(['cache', 'prune', '--yes', '--cache-dir', root])
        expect(code).toBe(0)
      } else {
        await removePlanned(openDeps(), await planPrune(root, systemClock.now()))
      }
      expect(await python.ask({ do: 'scan', cache_dir: root })).toMatchObject({
        warnings: [],
        repos: [{ revisions: { [stage.commit()]: {} } }],
      })
    }
  })

  it('case 70: both verify what the other brought, and name the same wrong files and hashes', async () => {
    const stage = await useStage()
    const [ours, theirs] = [join(stage.folder, 'ours'), join(stage.folder, 'theirs')]
    await stage.open(ours).snapshot('a/b')
    await bring(stage)({ repo_id: 'a/b', cache_dir: theirs })
    const deps = openDeps()
    for (const root of [ours, theirs]) {
      const args = { repo_id: 'a/b', cache_dir: root }
      const subject = { repo, revision: 'main' }
      const check = { hasher: deps.hasher, store: createHubCache(deps, { root }) }
      expect(await python.ask({ do: 'verify', args }, stage.online)).toEqual({
        checked: paths.length,
        mismatches: [],
        missing: [],
        extra: [],
      })
      const folder = join(root, 'models--a--b/snapshots', stage.commit())
      for (const name of ['config.json', 'model.bin']) {
        const bytes = await readFile(join(folder, name))
        bytes[3] = (bytes[3] ?? 0) ^ 1
        await writeFile(join(folder, name), bytes)
      }
      await rm(join(folder, 'empty.txt'))
      await mkdir(join(folder, 'more'))
      await writeFile(join(folder, 'more/extra.txt'), 'x')
      const report = await verifyRevision(check, subject)
      expect(await python.ask({ do: 'verify', args }, stage.online)).toEqual({
        checked: paths.length - 1,
        mismatches: report.mismatches.map(({ path, algorithm }) => [path, algorithm]),
        missing: report.missing,
        extra: report.extra,
      })
      expect(report.mismatches.map(({ path }) => path)).toEqual(['config.json', 'model.bin'])
      const command = ['cache', 'verify', 'a/b', '--cache-dir', root]
      expect((await python.hf(command, stage.online)).code).toBe(1)
    }
  })

  it('case 53: a dry run of either plans the same files and bytes', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    await stage.open(root).download('a/b', 'config.json')
    const args = { repo_id: 'a/b', cache_dir: root, dry_run: true }
    const theirs = await python.ask({ do: 'snapshot', args }, stage.online)
    const plan = await stage.open(root).plan('a/b')
    const ours = plan.files.map(({ path, sizeBytes, state }) => ({
      path,
      size: sizeBytes,
      fetch: state.kind === 'fetch',
    }))
    expect(theirs).toEqual(ours.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
  })
})
