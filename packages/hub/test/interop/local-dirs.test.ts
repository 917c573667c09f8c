import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describeWithPython } from '@hfx/testing'
import { expect, it } from 'vitest'
import { describeTree, modelBytes, offline, paths, type Stage, useStage } from './stage.ts'

/** Where both clients keep what they know of a file in a local folder. */
const metadataOf = (folder: string, path: string): string =>
  join(folder, '.cache/huggingface/download', `${path}.metadata`)

/** Requests for the bytes of a file. */
const bodies = (stage: Stage): readonly string[] =>
  stage.asked().filter((line) => line.startsWith('GET ') && !line.startsWith('GET /api/models'))

describeWithPython('one local folder of Python and ours', (python) => {
  it('cases 27, 35, 43: both fill it alike, with files and never links, and mark no missing file', async () => {
    const stage = await useStage()
    const cache = join(stage.folder, 'hub')
    const [ours, theirs] = [join(stage.folder, 'ours'), join(stage.folder, 'theirs')]
    const args = { repo_id: 'a/b', cache_dir: join(stage.folder, 'theirs-hub') }
    await python.ask({ do: 'snapshot', args: { ...args, local_dir: theirs } }, stage.online)
    await stage.open(cache).snapshot('a/b', { localDir: ours })
    const miss = { ...args, local_dir: theirs, filename: 'nope/missing.txt' }
    await expect(python.ask({ do: 'file', args: miss }, stage.online)).rejects.toThrow('missing')
    await expect(
      stage.open(cache).download('a/b', 'nope/missing.txt', { localDir: ours }),
    ).rejects.toThrow('missing')
    expect(sharedPart(await describeTree(ours))).toEqual(sharedPart(await describeTree(theirs)))
    expect(await readFile(join(ours, '.cache/huggingface/.gitignore'), 'utf8')).toBe('*')
  })

  it('case 36: a folder that Python filled costs us nothing at its commit, and one request at a branch', async () => {
    const stage = await useStage()
    const localDir = join(stage.folder, 'folder')
    const args = { repo_id: 'a/b', cache_dir: join(stage.folder, 'hub'), local_dir: localDir }
    await python.ask({ do: 'snapshot', args }, stage.online)
    stage.asked()
    const client = stage.open(join(stage.folder, 'empty'))
    const result = await client.snapshot('a/b', { localDir, revision: stage.commit() })
    expect(result).toMatchObject({ fetchedBytes: 0 })
    expect(result.files.map((file) => file.kind === 'ok' && file.source)).toEqual(
      paths.map(() => 'cache'),
    )
    expect(stage.asked()).toEqual([])
    await client.snapshot('a/b', { localDir })
    expect(stage.asked()).toEqual(['GET /api/models/a/b/revision/main'])
    expect(
      await stage
        .open(join(stage.folder, 'empty'), { offline: true })
        .snapshot('a/b', { localDir, revision: stage.commit() }),
    ).toMatchObject({ completeness: 'proven', folder: localDir })
    await expect(stat(join(stage.folder, 'empty'))).rejects.toThrow('ENOENT')
  })

  it('case 35: a folder that we filled costs Python nothing at its commit, and one request at a branch', async () => {
    const stage = await useStage()
    const localDir = join(stage.folder, 'folder')
    await stage.open(join(stage.folder, 'hub')).snapshot('a/b', { localDir })
    stage.asked()
    const args = { repo_id: 'a/b', cache_dir: join(stage.folder, 'empty'), local_dir: localDir }
    const pinned = { ...args, revision: stage.commit() }
    expect(await python.answer({ do: 'snapshot', args: pinned }, stage.online)).toEqual({
      value: localDir,
      said: [],
    })
    expect(stage.asked()).toEqual([])
    await python.ask({ do: 'snapshot', args }, stage.online)
    expect(stage.asked()).toEqual(['GET /api/models/a/b/revision/main'])
    expect(await python.ask({ do: 'snapshot', args: pinned }, offline)).toBe(localDir)
  })

  it('case 36: at another commit, both fetch what changed only, and rewrite what they know of the rest', async () => {
    const stage = await useStage()
    const localDir = join(stage.folder, 'folder')
    const args = { repo_id: 'a/b', cache_dir: join(stage.folder, 'hub'), local_dir: localDir }
    await python.ask({ do: 'snapshot', args }, stage.online)
    stage.asked()
    const next = { localDir, revision: 'refs/pr/1' }
    const result = await stage.open(join(stage.folder, 'ours')).snapshot('a/b', next)
    expect(result.fetchedBytes).toBe(9)
    const known = await readFile(metadataOf(localDir, 'model.bin'), 'utf8')
    expect(known.split('\n')[0]).toBe(stage.commit('refs/pr/1'))
    stage.asked()
    await python.ask({ do: 'snapshot', args: { ...args, revision: 'main' } }, stage.online)
    expect(bodies(stage).map((line) => line.split('/').at(-1))).toEqual(
      expect.arrayContaining(['config.json']),
    )
    expect(await readFile(join(localDir, 'config.json'), 'utf8')).toBe('{"a": 1}\n')
  })

  it('case 37: a file newer than its record is hashed by both, and not fetched', async () => {
    const stage = await useStage()
    for (const who of ['ours', 'theirs'] as const) {
      const localDir = join(stage.folder, who)
      const args = { repo_id: 'a/b', cache_dir: join(stage.folder, 'hub'), local_dir: localDir }
      await stage.open(join(stage.folder, 'hub')).download('a/b', 'model.bin', { localDir })
      const before = await readFile(metadataOf(localDir, 'model.bin'), 'utf8')
      const soon = Number(before.split('\n')[2]) + 100
      await utimes(join(localDir, 'model.bin'), soon, soon)
      await rm(join(stage.folder, 'hub'), { recursive: true, force: true })
      stage.asked()
      if (who === 'theirs')
        await python.ask({ do: 'file', args: { ...args, filename: 'model.bin' } }, stage.online)
      else await stage.open(join(stage.folder, 'none')).download('a/b', 'model.bin', { localDir })
      expect(bodies(stage)).toEqual([])
      expect(await readFile(metadataOf(localDir, 'model.bin'), 'utf8')).not.toBe(before)
    }
  })

  it.each([
    ['garbage', 'X', false],
    ['CRLF', 'COMMIT\r\nETAG\r\n4102444800.5\r\n', true],
    ['whole seconds and no last newline', 'COMMIT\nETAG\n4102444800', true],
    ['more lines than three', 'COMMIT\nETAG\n4102444800.25\nmore\n', true],
  ])('cases 38, 39: a record of %s means the same to both', async (_name, text, valid) => {
    const stage = await useStage()
    const sha = 'fbbab289f7f94b25736c58be46a994c441fd02552cc6022352e3d86d2fab7c83'
    const record = text.replace('COMMIT', stage.commit()).replace('ETAG', sha)
    for (const who of ['ours', 'theirs'] as const) {
      const localDir = join(stage.folder, who)
      const path = metadataOf(localDir, 'model.bin')
      await mkdir(dirname(path), { recursive: true })
      await writeFile(join(localDir, 'model.bin'), modelBytes)
      await writeFile(path, record)
      const cache = join(stage.folder, `hub-${who}`)
      const args = { repo_id: 'a/b', cache_dir: cache, local_dir: localDir, filename: 'model.bin' }
      const revision = stage.commit()
      stage.asked()
      if (who === 'theirs')
        await python.ask({ do: 'file', args: { ...args, revision } }, stage.online)
      else await stage.open(cache).download('a/b', 'model.bin', { localDir, revision })
      // Valid: nobody is asked. Not valid: the file is hashed, and its record written anew.
      const asked = stage.asked()
      expect(asked.length > 0).toBe(!valid)
      expect(asked.filter((line) => line.startsWith('GET /a/b'))).toEqual([])
      expect((await readFile(path, 'utf8')) === record).toBe(valid)
    }
  })

  it('case 40: what the cache of the other has is taken from there', async () => {
    const stage = await useStage()
    const cache = join(stage.folder, 'hub')
    const commit = stage.commit()
    const args = { repo_id: 'a/b', cache_dir: cache, filename: 'model.bin' }
    await python.ask({ do: 'file', args }, stage.online)
    stage.asked()
    const ours = join(stage.folder, 'ours')
    await stage.open(cache).download('a/b', 'model.bin', { localDir: ours, revision: commit })
    expect(bodies(stage)).toEqual([])
    expect((await stat(join(ours, 'model.bin'))).isFile()).toBe(true)
    await stage.open(cache).download('a/b', 'config.json')
    stage.asked()
    const theirs = { ...args, filename: 'config.json', local_dir: join(stage.folder, 'theirs') }
    await python.ask({ do: 'file', args: theirs }, stage.online)
    expect(bodies(stage)).toEqual([])
  })

  it('cases 41, 42, 51: with the Hub away, a filled folder is the answer and an empty one an error, for both', async () => {
    const stage = await useStage()
    const cache = join(stage.folder, 'hub')
    const [full, empty] = [join(stage.folder, 'full'), join(stage.folder, 'empty')]
    const args = { repo_id: 'a/b', cache_dir: cache, filename: 'config.json' }
    await python.ask(
      { do: 'snapshot', args: { ...args, filename: undefined, local_dir: full } },
      stage.online,
    )
    await stage.hub.close()
    const client = stage.open(cache)
    const stale = await client.snapshot('a/b', { localDir: full })
    expect(stale).toMatchObject({ stale: true, completeness: 'proven', folder: full })
    const answer = await python.answer({ do: 'file', args: { ...args, local_dir: full } }, offline)
    expect(answer.value).toBe(join(full, 'config.json'))
    await expect(
      python.ask({ do: 'file', args: { ...args, local_dir: empty } }, offline),
    ).rejects.toMatchObject({ type: 'LocalEntryNotFoundError' })
    await expect(
      stage
        .open(join(stage.folder, 'none'), { offline: true })
        .download('a/b', 'config.json', { localDir: empty }),
    ).rejects.toMatchObject({ code: 'HUB_OFFLINE_MISS' })
  })

  it('verify of both finds a folder sound that the other filled, and the byte that is wrong', async () => {
    const stage = await useStage()
    const localDir = join(stage.folder, 'folder')
    await stage.open(join(stage.folder, 'hub')).snapshot('a/b', { localDir })
    const args = { repo_id: 'a/b', local_dir: localDir }
    const sound = await python.ask({ do: 'verify', args }, stage.online)
    expect(sound).toMatchObject({ checked: paths.length, mismatches: [], missing: [] })
    const path = join(localDir, 'config.json')
    const { atime, mtime } = await stat(path)
    await writeFile(path, '{"a": 7}\n')
    await utimes(path, atime, mtime)
    expect(await python.ask({ do: 'verify', args }, stage.online)).toMatchObject({
      mismatches: [['config.json', 'git-sha1']],
    })
  })
})

/** What both keep in a folder: lock files, and refs that only we keep there, are left out. */
function sharedPart(tree: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = /\.lock$|\.cache\/huggingface\/(?:refs|\.gitignore\.lock)/
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !own.test(path)))
}
