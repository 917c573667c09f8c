import { rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type FileStore } from '@hfx/core'
import { pinBytes, stageBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache, createLocalDir, verifyRevision } from '../src/index.ts'
import { createTestDeps, createTestHasher } from './deps.ts'
import { bring, commitC, repo } from './subjects.ts'

describe('verify', () => {
  const configFile = pinBytes('config.json', '{"a": 1}\n', {
    etag: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef',
    hash: { algorithm: 'git-sha1', digest: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef' },
  })
  const model = pinBytes('model.bin', 'weights')

  async function fill(store: FileStore, listed: boolean): Promise<readonly string[]> {
    const paths = [
      await bring(store, configFile, '{"a": 1}\n'),
      await bring(store, model, 'weights'),
    ]
    await store.writeRevision(repo, { requested: 'main', commit: commitC })
    if (!listed) return paths
    await store.writeTree(repo, commitC, [
      { path: 'config.json', sizeBytes: 9, blobId: configFile.etag },
      {
        path: 'model.bin',
        sizeBytes: 7,
        blobId: 'a'.repeat(40),
        lfs: { sha256: model.etag, sizeBytes: 7 },
      },
    ])
    return paths
  }

  it.each([true, false])(
    'case 70, weak point 40: finds a flipped byte in both kinds, offline (listing: %s)',
    async (listed) => {
      const root = await useTempDir()
      const store = createHubCache(createTestDeps(), { root })
      const paths = await fill(store, listed)
      const deps = { store, hasher: createTestHasher() }
      expect(await verifyRevision(deps, { repo, revision: 'main' })).toMatchObject({
        commit: commitC,
        checkedCount: 2,
        mismatches: [],
        repair: [],
        listed,
      })
      await writeFile(paths[0] ?? '', '{"a": 2}\n')
      await writeFile(paths[1] ?? '', 'Weights')
      const report = await verifyRevision(deps, { repo, revision: commitC })
      expect(report.mismatches.map(({ path, algorithm }) => [path, algorithm])).toEqual([
        ['config.json', 'git-sha1'],
        ['model.bin', 'sha256'],
      ])
      expect(report.repair).toEqual(['config.json', 'model.bin'])
      for (const file of [configFile, model]) {
        const bytes = file === model ? 'weights' : '{"a": 1}\n'
        await store.commitFile(await stageBytes(store, file, bytes), file)
      }
      expect((await verifyRevision(deps, { repo, revision: 'main' })).mismatches).toEqual([])
    },
  )

  it('names what is missing and what is extra', async () => {
    const store = createHubCache(createTestDeps(), { root: await useTempDir() })
    const [path = ''] = await fill(store, true)
    await rm(path)
    await writeFile(join(dirname(path), 'extra.txt'), 'x')
    const report = await verifyRevision(
      { store, hasher: createTestHasher() },
      { repo, revision: 'main' },
    )
    expect(report).toMatchObject({
      missing: ['config.json'],
      extra: ['extra.txt'],
      repair: ['config.json'],
    })
  })

  it('weak point 40: a local folder is verified without its own records as extra files', async () => {
    const folder = await useTempDir()
    const store = createLocalDir(createTestDeps(), { folder })
    await fill(store, false)
    await writeFile(join(folder, 'mine.txt'), 'x')
    const report = await verifyRevision(
      { store, hasher: createTestHasher() },
      { repo, revision: 'main' },
    )
    expect(report).toMatchObject({
      checkedCount: 2,
      extra: [],
      unknown: ['mine.txt'],
      mismatches: [],
    })
  })

  it('says when the revision is not here', async () => {
    const store = createHubCache(createTestDeps(), { root: await useTempDir() })
    const deps = { store, hasher: createTestHasher() }
    for (const revision of ['main', commitC]) {
      await expect(verifyRevision(deps, { repo, revision })).rejects.toMatchObject({
        code: 'HUB_CACHE_NOT_FOUND',
      })
    }
  })

  it('tells of each file as it is done, and stops when it is aborted', async () => {
    const store = createHubCache(createTestDeps(), { root: await useTempDir() })
    const [path = ''] = await fill(store, true)
    await writeFile(path, 'flipped!!')
    const deps = { store, hasher: createTestHasher() }
    const told: string[] = []
    const stop = new AbortController()
    await verifyRevision(
      deps,
      { repo, revision: 'main' },
      { concurrency: 1, onFile: (name, result) => told.push(`${name} ${result}`) },
    )
    expect(told).toEqual(['config.json mismatch', 'model.bin ok'])
    const stopping = verifyRevision(
      deps,
      { repo, revision: 'main' },
      { concurrency: 1, onFile: () => stop.abort(new Error('enough')), signal: stop.signal },
    )
    await expect(stopping).rejects.toThrow('enough')
  })
})
