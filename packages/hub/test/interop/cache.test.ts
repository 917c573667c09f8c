import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { knownMissing, scanCache, tryToLoadFromCache } from '@hfx/cache'
import { describeWithPython } from '@hfx/testing'
import { expect, it, onTestFinished } from 'vitest'
import {
  describeTree,
  files,
  listModes,
  offline,
  paths,
  repo,
  repoSpec,
  useStage,
} from './stage.ts'

type Tree = Readonly<Record<string, string>>

/** Lock files are empty and say nothing; which of them are left is each client's own affair. */
function withoutLocks(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith('.locks')))
}

const revisions = ['main', 'refs/pr/1', 'v1.0', 'feature/foo'] as const

describeWithPython('one cache of Python and ours', (python) => {
  it('cases 1, 3, 45: what Python downloaded is whole for us, offline, at every revision it asked for', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    for (const revision of revisions) {
      const args = { repo_id: 'a/b', cache_dir: root, revision }
      await python.ask({ do: 'snapshot', args }, stage.online)
    }
    stage.asked()
    const client = stage.open(root, { offline: true })
    for (const revision of [...revisions, stage.commit()]) {
      const result = await client.snapshot('a/b', { revision })
      expect(result).toMatchObject({ completeness: 'proven', fetchedBytes: 0, stale: false })
      expect(result.files.map(({ path, kind }) => `${kind} ${path}`).toSorted()).toEqual(
        paths.map((path) => `ok ${path}`),
      )
    }
    const file = await client.download('a/b', 'config.json', { revision: 'refs/pr/1' })
    expect(await readFile(file.localPath, 'utf8')).toBe('{"a": 2}\n')
    expect(stage.asked()).toEqual([])
  })

  it('cases 21, 45: with Python’s files and listing, a commit costs us nothing and a branch one request', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    await python.ask({ do: 'snapshot', args: { repo_id: 'a/b', cache_dir: root } }, stage.online)
    stage.asked()
    await stage.open(root).snapshot('a/b', { revision: stage.commit() })
    expect(stage.asked()).toEqual([])
    await stage.open(root).snapshot('a/b')
    expect(stage.asked()).toEqual(['GET /api/models/a/b/revision/main'])
  })

  it('cases 2, 21, 69: what we downloaded is whole for Python, offline, without a warning', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    const client = stage.open(root)
    for (const revision of revisions) await client.snapshot('a/b', { revision })
    stage.asked()
    for (const revision of [...revisions, stage.commit()]) {
      const args = { repo_id: 'a/b', cache_dir: root, revision, local_files_only: true }
      const commit = stage.commit(revision)
      expect(await python.answer({ do: 'snapshot', args }, offline)).toEqual({
        value: join(root, 'models--a--b/snapshots', commit),
        said: [],
      })
    }
    for (const filename of paths) {
      const args = { repo_id: 'a/b', cache_dir: root, filename, local_files_only: true }
      const at = join(root, 'models--a--b/snapshots', stage.commit(), filename)
      expect(await python.answer({ do: 'file', args }, offline)).toEqual({ value: at, said: [] })
    }
    const tree = await python.ask(
      { do: 'tree', args: { repo_id: 'a/b', cache_dir: root } },
      offline,
    )
    expect(tree).toHaveLength(paths.length)
    expect(await python.ask({ do: 'scan', cache_dir: root })).toMatchObject({ warnings: [] })
    expect(stage.asked()).toEqual([])
  })

  it('cases 21, 45: with our files and listing, a commit costs Python nothing and a branch one request', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    await stage.open(root).snapshot('a/b')
    stage.asked()
    const args = { repo_id: 'a/b', cache_dir: root }
    await python.ask({ do: 'snapshot', args: { ...args, revision: stage.commit() } }, stage.online)
    expect(stage.asked()).toEqual([])
    await python.ask({ do: 'snapshot', args }, stage.online)
    expect(stage.asked()).toEqual(['GET /api/models/a/b/revision/main'])
    await python.ask({ do: 'file', args: { ...args, filename: 'config.json' } }, stage.online)
    const heads = stage.asked()
    expect(heads[0]).toBe('HEAD /a/b/resolve/main/config.json')
    expect(heads.filter((line) => !line.startsWith('HEAD '))).toEqual([])
  })

  it('case 6: with Xet on, Python still takes what we brought for its own, at no cost', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    const { folder } = await stage.open(root).snapshot('a/b')
    stage.asked()
    const args = { repo_id: 'a/b', cache_dir: root, revision: stage.commit() }
    const withXet = { ...stage.online, HF_HUB_DISABLE_XET: '0' }
    const answer = await python.answer({ do: 'snapshot', args }, withXet)
    expect(answer).toEqual({ value: folder, said: [] })
    expect(stage.asked()).toEqual([])
  })

  it('cases 1, 4 to 9, 11, 44: both write the same tree, to the byte', async () => {
    const stage = await useStage()
    const [ours, theirs] = [join(stage.folder, 'ours'), join(stage.folder, 'theirs')]
    for (const revision of revisions) {
      await stage.open(ours).snapshot('a/b', { revision })
      const args = { repo_id: 'a/b', cache_dir: theirs, revision }
      await python.ask({ do: 'snapshot', args }, stage.online)
    }
    const miss = { repo_id: 'a/b', cache_dir: theirs, filename: 'nope/missing.txt' }
    await expect(python.ask({ do: 'file', args: miss }, stage.online)).rejects.toThrow('missing')
    await expect(stage.open(ours).download('a/b', miss.filename)).rejects.toThrow('missing')
    const [our, their] = [await describeTree(ours), await describeTree(theirs)]
    expect(withoutLocks(our)).toEqual(withoutLocks(their))
  })

  it('cases 25, 26: either marker of a missing file speaks to both', async () => {
    const stage = await useStage()
    const [ours, theirs] = [join(stage.folder, 'ours'), join(stage.folder, 'theirs')]
    const args = { repo_id: 'a/b', filename: 'nope/missing.txt' }
    await expect(
      python.ask({ do: 'file', args: { ...args, cache_dir: theirs } }, stage.online),
    ).rejects.toMatchObject({ type: 'RemoteEntryNotFoundError' })
    await expect(stage.open(ours).download('a/b', 'nope/missing.txt')).rejects.toMatchObject({
      code: 'HUB_ENTRY_NOT_FOUND',
    })
    for (const root of [ours, theirs]) {
      for (const revision of ['main', stage.commit()]) {
        const asked = { repo, path: 'nope/missing.txt', revision }
        expect(await tryToLoadFromCache(root, asked)).toBe(knownMissing)
        const load = { ...args, cache_dir: root, revision }
        expect(await python.ask({ do: 'load', args: load })).toBe('KNOWN_MISSING')
        expect(await python.ask({ do: 'load', args: { ...load, filename: 'other' } })).toBeNull()
      }
    }
    stage.asked()
    await expect(
      stage.open(theirs, { offline: true }).download('a/b', 'nope/missing.txt'),
    ).rejects.toMatchObject({ code: 'HUB_ENTRY_NOT_FOUND' })
    expect(stage.asked()).toEqual([])
  })

  it('cases 12, 13: datasets, spaces, kernels and ids without a namespace, both ways', async () => {
    const some = { commits: [{ files }] }
    const stage = await useStage([
      { ...some, id: 'a/b', type: 'dataset' },
      { ...some, id: 'a/b', type: 'space' },
      { ...some, id: 'a/b', type: 'kernel' },
      { ...some, id: 'gpt2' },
    ])
    const wanted = [
      ['dataset', 'a/b', 'datasets--a--b'],
      ['space', 'a/b', 'spaces--a--b'],
      ['kernel', 'a/b', 'kernels--a--b'],
      ['model', 'gpt2', 'models--gpt2'],
    ] as const
    for (const [type, id, folder] of wanted) {
      const commit = stage.hub.commit(id, 'main', type)
      const [ours, theirs] = [join(stage.folder, 'ours'), join(stage.folder, 'theirs')]
      const args = { repo_id: id, repo_type: type }
      await python.ask({ do: 'snapshot', args: { ...args, cache_dir: theirs } }, stage.online)
      await stage.open(ours).snapshot({ type, id })
      const fromTheirs = await stage.open(theirs, { offline: true }).snapshot({ type, id })
      expect(fromTheirs.folder).toBe(join(theirs, folder, 'snapshots', commit))
      expect(
        await python.answer({ do: 'snapshot', args: { ...args, cache_dir: ours } }, offline),
      ).toEqual({ value: join(ours, folder, 'snapshots', commit), said: [] })
    }
  })

  it('cases 22, 23: a short or upper-case commit becomes a ref that both follow', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    const commit = stage.commit()
    const short = commit.slice(0, 7)
    const args = { repo_id: 'a/b', cache_dir: root, filename: 'config.json', revision: short }
    const path = await python.ask({ do: 'file', args }, stage.online)
    const client = stage.open(root, { offline: true })
    expect((await client.download('a/b', 'config.json', { revision: short })).localPath).toBe(path)
    const ours = join(stage.folder, 'ours')
    await stage.open(ours).download('a/b', 'config.json', { revision: short })
    expect(await readFile(join(ours, 'models--a--b/refs', short), 'utf8')).toBe(commit)
    expect(await python.ask({ do: 'file', args: { ...args, cache_dir: ours } }, offline)).toBe(
      join(ours, 'models--a--b/snapshots', commit, 'config.json'),
    )
  })

  it('cases 7, 20: a branch that moved is followed by both; the old commit stays for both', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    const before = stage.commit()
    await python.ask({ do: 'snapshot', args: { repo_id: 'a/b', cache_dir: root } }, stage.online)
    stage.hub.push('a/b', { files: { ...files, 'new.txt': 'new\n' } })
    const after = await stage.open(root).snapshot('a/b')
    expect(after.fetchedBytes).toBe(4)
    const args = { repo_id: 'a/b', cache_dir: root }
    expect(await python.ask({ do: 'snapshot', args }, offline)).toBe(after.folder)
    expect(
      await python.ask({
        do: 'snapshot',
        args: { ...args, revision: before, local_files_only: true },
      }),
    ).toBe(join(root, 'models--a--b/snapshots', before))
    expect((await scanCache(root)).warnings).toEqual([])
    expect(await python.ask({ do: 'scan', cache_dir: root })).toMatchObject({ warnings: [] })
  })

  it('case 24: a renamed repository is kept under the name that was asked for, by both', async () => {
    const stage = await useStage([repoSpec, { id: 'old/name', renamedTo: 'a/b' }])
    const root = join(stage.folder, 'hub')
    const args = { repo_id: 'old/name', cache_dir: root }
    await stage.open(root).snapshot('old/name')
    expect(await python.ask({ do: 'snapshot', args }, offline)).toBe(
      join(root, 'models--old--name/snapshots', stage.commit()),
    )
    const theirs = join(stage.folder, 'theirs')
    await python.ask({ do: 'snapshot', args: { ...args, cache_dir: theirs } }, stage.online)
    expect((await stage.open(theirs, { offline: true }).snapshot('old/name')).folder).toBe(
      join(theirs, 'models--old--name/snapshots', stage.commit()),
    )
  })

  it.each(['022', '002', '037'])(
    'case 14: with umask %s both give files the same modes',
    async (umask) => {
      const stage = await useStage()
      const [ours, theirs] = [join(stage.folder, 'ours'), join(stage.folder, 'theirs')]
      const args = { repo_id: 'a/b', cache_dir: theirs }
      await python.ask({ do: 'snapshot', umask, args }, stage.online)
      const before = process.umask(Number.parseInt(umask, 8))
      onTestFinished(() => void process.umask(before))
      await stage.open(ours).snapshot('a/b')
      const [our, their] = [await listModes(ours), await listModes(theirs)]
      // A listing of Python's is for its owner alone, whatever the umask (weak point 25).
      const tree = `models--a--b/trees/${stage.commit()}.json`
      expect(their[tree]).toBe('600')
      expect(our).toEqual({ ...their, [tree]: their['models--a--b/refs/main'] })
    },
  )
})
