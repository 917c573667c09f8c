import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { planPrune, removePlanned, scanCache } from '@hfx/cache'
import { silentLogger, systemClock, systemRandom } from '@hfx/core'
import { describeWithPython } from '@hfx/testing'
import { createFileHasher } from '@hfx/transfer'
import { expect, it, onTestFinished } from 'vitest'
import { modelBytes, offline, type Stage, useStage } from './stage.ts'

const sha = 'fbbab289f7f94b25736c58be46a994c441fd02552cc6022352e3d86d2fab7c83'
const blobsOf = (root: string): string => join(root, 'models--a--b/blobs')

/** The bodies of `model.bin` that were asked for. */
const bodies = (stage: Stage): number =>
  stage.hub.requests.filter(({ host, method }) => host === 'cdn' && method === 'GET').length

/** Slow enough that the other is there before the file is. */
const slow = (stage: Stage): unknown =>
  stage.hub.addFault({
    on: { path: 'model.bin', host: 'cdn' },
    fault: { kind: 'rate', bytesPerSecond: 400_000 },
  })

async function partialsOf(root: string): Promise<readonly string[]> {
  const names = await readdir(blobsOf(root)).catch(() => [])
  return names.filter((name) => name.endsWith('.incomplete'))
}

async function expectSound(stage: Stage, root: string): Promise<void> {
  expect((await readFile(join(blobsOf(root), sha))).equals(modelBytes)).toBe(true)
  expect((await scanCache(root)).warnings).toEqual([])
  expect(await stage.open(root, { offline: true }).download('a/b', 'model.bin')).toMatchObject({
    source: 'cache',
  })
}

describeWithPython('Python and ours at once', (python) => {
  const args = (root: string): Readonly<Record<string, unknown>> => ({
    repo_id: 'a/b',
    cache_dir: root,
    filename: 'model.bin',
  })

  it('case 31: Python downloads a file while we want it: we wait, and it comes once', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    slow(stage)
    const theirs = await python.start({ do: 'file', args: args(root) }, stage.online)
    await expect.poll(() => bodies(stage), { timeout: 30_000 }).toBe(1)
    const waits: string[] = []
    const ours = await stage.open(root).download('a/b', 'model.bin', {
      onEvent: ({ type }) => waits.push(type),
    })
    expect((await theirs.answer).value).toBe(ours.localPath)
    expect(ours).toMatchObject({ fetchedBytes: 0 })
    expect(waits).toContain('file:wait')
    expect(bodies(stage)).toBe(1)
    await expectSound(stage, root)
  })

  it('case 31: we download a file while Python wants it: it waits, and it comes once', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    slow(stage)
    const ours = stage.open(root).download('a/b', 'model.bin')
    await expect.poll(() => bodies(stage), { timeout: 30_000 }).toBeGreaterThan(0)
    const before = bodies(stage)
    const theirs = python.ask({ do: 'file', args: args(root) }, stage.online)
    expect(await theirs).toBe((await ours).localPath)
    expect(bodies(stage)).toBe(before)
    expect(await partialsOf(root)).toEqual([])
    await expectSound(stage, root)
  })

  it('both bring one whole repository into a cold cache at once, and each gets all of it', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    const snapshot = { repo_id: 'a/b', cache_dir: root }
    const [theirs, ours] = await Promise.all([
      python.ask({ do: 'snapshot', args: snapshot }, stage.online),
      stage.open(root).snapshot('a/b'),
    ])
    expect(ours.folder).toBe(theirs)
    expect(ours.files.every(({ kind }) => kind === 'ok')).toBe(true)
    await expectSound(stage, root)
    expect(await python.ask({ do: 'scan', cache_dir: root })).toMatchObject({
      warnings: [],
      incomplete: [],
    })
  })

  it('case 34: Python prunes our partial in the middle: the file is right, or the error is clean', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    slow(stage)
    const ours = stage
      .open(root)
      .download('a/b', 'model.bin')
      .then(
        () => 'done',
        (error: unknown) => error,
      )
    await expect.poll(() => partialsOf(root), { timeout: 30_000 }).not.toEqual([])
    const pruned = await python.hf(['cache', 'prune', '--yes', '--cache-dir', root])
    expect(pruned.code).toBe(0)
    const outcome = await ours
    expect(outcome === 'done' || outcome instanceof Error).toBe(true)
    stage.hub.clearFaults()
    await stage.open(root).download('a/b', 'model.bin')
    await expectSound(stage, root)
  })

  it('weak point 31: our prune leaves what Python is downloading', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    slow(stage)
    const theirs = await python.start({ do: 'file', args: args(root) }, stage.online)
    await expect.poll(() => partialsOf(root), { timeout: 30_000 }).toHaveLength(1)
    const [partial = ''] = await partialsOf(root)
    const hasher = createFileHasher()
    onTestFinished(() => hasher.close())
    const deps = { hasher, clock: systemClock, random: systemRandom, logger: silentLogger }
    const plan = await planPrune(root, systemClock.now() + 1000, { looseOlderThanMs: 0 })
    const report = await removePlanned(deps, plan)
    expect(report).toMatchObject({ removedFiles: 0, inUse: [join(blobsOf(root), partial)] })
    expect((await theirs.answer).said).toEqual([])
    await expectSound(stage, root)
  })

  it('case 15: Python killed in the middle leaves a partial that does not disturb us', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    slow(stage)
    const theirs = await python.start({ do: 'file', args: args(root) }, stage.online)
    await expect.poll(() => partialsOf(root), { timeout: 30_000 }).toHaveLength(1)
    theirs.process.kill('SIGKILL')
    await expect(theirs.answer).rejects.toThrow('python ended')
    stage.hub.clearFaults()
    const left = await partialsOf(root)
    expect(left).toHaveLength(1)
    await stage.open(root).download('a/b', 'model.bin')
    await expectSound(stage, root)
    // Whose it is cannot be told from here; it goes with the next prune.
    expect(await partialsOf(root)).toEqual(left)
    expect((await scanCache(root)).repos[0]?.loose).toMatchObject([{ kind: 'partial' }])
  })

  it('cases 15, 16: what an aborted download of ours left, and an old partial, do not disturb Python', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    slow(stage)
    const stop = new AbortController()
    const ours = stage.open(root).download('a/b', 'model.bin', { signal: stop.signal })
    const ended = ours.then(
      () => 'done',
      () => 'aborted',
    )
    await expect.poll(() => partialsOf(root), { timeout: 30_000 }).not.toEqual([])
    stop.abort()
    expect(await ended).toBe('aborted')
    stage.hub.clearFaults()
    await writeFile(join(blobsOf(root), `${sha}.incomplete`), 'garbage of an older version')
    const scan = await python.ask({ do: 'scan', cache_dir: root })
    expect(scan).toMatchObject({ incomplete: expect.arrayContaining([expect.anything()]) })
    const answer = await python.answer({ do: 'file', args: args(root) }, stage.online)
    expect(answer.said).toEqual([])
    await expectSound(stage, root)
    expect(await python.ask({ do: 'file', args: args(root) }, offline)).toBe(answer.value)
  })
})
