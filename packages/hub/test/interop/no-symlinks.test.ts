import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { scanCache } from '@hfx/cache'
import { describeWithPython } from '@hfx/testing'
import { expect, it } from 'vitest'
import { offline, paths, useStage } from './stage.ts'

const plain = { HF_HUB_DISABLE_SYMLINKS: '1', HF_HUB_DISABLE_SYMLINKS_WARNING: '1' }

describeWithPython('a cache without symbolic links, of Python and ours', (python) => {
  it('case 28: what Python wrote without links, we read with and without them, and fetch nothing', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    const args = { repo_id: 'a/b', cache_dir: root }
    await python.ask({ do: 'snapshot', args }, { ...stage.online, ...plain })
    expect(await readdir(join(root, 'models--a--b/blobs'))).toEqual([])
    stage.asked()
    for (const env of [plain, {}]) {
      const client = stage.open(root, { offline: true, env })
      expect(await client.snapshot('a/b')).toMatchObject({
        completeness: 'proven',
        fetchedBytes: 0,
      })
    }
    await stage.open(root, { env: plain }).snapshot('a/b')
    expect(stage.asked()).toEqual(['GET /api/models/a/b/revision/main'])
  })

  it('case 28: what we wrote without links, Python reads with and without them, and fetches nothing', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    const { folder } = await stage.open(root, { env: plain }).snapshot('a/b')
    for (const name of paths) expect((await lstat(join(folder, name))).isFile()).toBe(true)
    stage.asked()
    const args = { repo_id: 'a/b', cache_dir: root }
    for (const mode of [plain, {}]) {
      expect(await python.answer({ do: 'snapshot', args }, { ...offline, ...mode })).toEqual({
        value: folder,
        said: [],
      })
    }
    await python.ask({ do: 'snapshot', args }, { ...stage.online, ...plain })
    expect(stage.asked()).toEqual(['GET /api/models/a/b/revision/main'])
  })

  it('cases 29, 30, 65: in a cache of both kinds both count the same files, once', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    const args = { repo_id: 'a/b', cache_dir: root }
    await stage.open(root).download('a/b', 'model.bin')
    await python.ask({ do: 'snapshot', args }, { ...stage.online, ...plain })
    const next = { ...args, revision: 'refs/pr/1' }
    await python.ask({ do: 'snapshot', args: next }, stage.online)
    const ours = await scanCache(root)
    expect(ours.warnings).toEqual([])
    expect(await python.ask({ do: 'scan', cache_dir: root })).toMatchObject({
      size: ours.sizeBytes,
      warnings: [],
      repos: [{ size: ours.repos[0]?.sizeBytes, files: ours.repos[0]?.fileCount }],
    })
    expect(await stage.open(root, { offline: true }).snapshot('a/b')).toMatchObject({
      completeness: 'proven',
    })
  })
})
