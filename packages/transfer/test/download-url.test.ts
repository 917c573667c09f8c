import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createHttp } from '@hfx/http'
import { useTempDir } from '@hfx/testing'
import { downloadUrl } from '../src/index.ts'
import { makeBytes, repoId, sha256, startBench } from './support/hub-source.ts'

it('downloads any URL to a path, asking for its size', async () => {
  const bytes = makeBytes(300_000)
  const { hub, transfer } = await startBench({ 'f.bin': bytes })
  const { transport, close } = createHttp({ endpoint: hub.url })
  onTestFinished(close)
  const folder = await useTempDir()
  const url = `${hub.url}/${repoId}/resolve/main/f.bin`
  const hash = { algorithm: 'sha256', digest: sha256(bytes) } as const
  const to = join(folder, 'new', 'f.bin')
  const done = await downloadUrl({ transfer, transport }, { url, to, hash })
  expect(done).toEqual({
    path: to,
    sizeBytes: bytes.length,
    verifiedBy: 'sha256',
    fetchedBytes: bytes.length,
  })
  expect(bytes.equals(await readFile(to))).toBe(true)
  expect(await readdir(join(folder, 'new'))).toEqual(['f.bin'])
})

it('says what is missing when nobody can tell the size', async () => {
  const { transfer, hub } = await startBench({})
  const to = join(await useTempDir(), 'f')
  await expect(downloadUrl({ transfer }, { url: `${hub.url}/f`, to })).rejects.toMatchObject({
    code: 'HUB_METADATA_MISSING',
  })
})
