import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { paths, repoSpec, useStage } from './interop/stage.ts'

const signedIn = { token: 'hf_ada' } as const

describe('what a Python user expects of the wire', () => {
  it('cases 54, 55: the Hub gets the token, the data origin never does; a HEAD asks for bytes as they are', async () => {
    const stage = await useStage()
    const client = stage.open(join(stage.folder, 'hub'), signedIn)
    await client.download('a/b', 'model.bin')
    await client.snapshot('a/b')
    const heads = stage.hub.requests.filter(({ method }) => method === 'HEAD')
    // The second is for the signed URL of the other LFS file.
    expect(heads.map(({ path }) => path)).toEqual([
      '/a/b/resolve/main/model.bin',
      `/a/b/resolve/${stage.commit()}/xet.bin`,
    ])
    for (const { headers } of heads) expect(headers['accept-encoding']).toBe('identity')
    for (const { host, headers } of stage.hub.requests) {
      expect(headers['authorization']).toBe(host === 'hub' ? '<token:ada>' : undefined)
      expect(headers['user-agent']).toMatch(/^hfx\/\S+; node\/\S+$/)
    }
    const bodies = stage.hub.requests.filter(({ host }) => host === 'cdn')
    expect(bodies.map(({ file }) => file ?? '').toSorted()).toEqual(['model.bin', 'xet.bin'])
  })

  it('case 24: a renamed repository is followed with the token, and kept under the name that was asked for', async () => {
    const stage = await useStage([
      { ...repoSpec, id: 'ada/new', private: true },
      { id: 'ada/old', renamedTo: 'ada/new' },
    ])
    const root = join(stage.folder, 'hub')
    const { folder } = await stage.open(root, signedIn).snapshot('ada/old')
    expect(folder).toContain('models--ada--old')
    expect((await readdir(root)).toSorted()).toEqual(['.locks', 'CACHEDIR.TAG', 'models--ada--old'])
  })

  it('case 52: a commit is its own answer: nobody is asked what it means, and no ref is written', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    const revision = stage.commit()
    await stage.open(root).snapshot('a/b', { revision })
    expect(stage.asked().filter((line) => line.includes('/revision/'))).toEqual([])
    await expect(readdir(join(root, 'models--a--b/refs'))).rejects.toThrow('ENOENT')
    await stage.open(root).snapshot('a/b', { revision })
    expect(stage.asked()).toEqual([])
  })

  it('case 23: a commit in capitals is a revision like another: the Hub is asked', async () => {
    const stage = await useStage()
    const revision = stage.commit().toUpperCase()
    await stage
      .open(join(stage.folder, 'hub'))
      .download('a/b', 'config.json', { revision })
      .catch(() => undefined)
    expect(stage.asked()[0]).toBe(`HEAD /a/b/resolve/${revision}/config.json`)
  })

  it('cases 49, 51: a local folder is whole offline by its own listing, and an empty one is an error', async () => {
    const stage = await useStage()
    const localDir = join(stage.folder, 'folder')
    await stage.open(join(stage.folder, 'hub')).snapshot('a/b', { localDir })
    stage.asked()
    const away = stage.open(join(stage.folder, 'none'), { offline: true })
    const whole = await away.snapshot('a/b', { localDir })
    expect(whole).toMatchObject({ completeness: 'proven', folder: localDir })
    expect(whole.files).toHaveLength(paths.length)
    await expect(
      away.snapshot('a/b', { localDir: join(stage.folder, 'empty') }),
    ).rejects.toMatchObject({ code: 'HUB_OFFLINE_MISS' })
    expect(stage.asked()).toEqual([])
  })

  it('weak point 21: a file that is missing at a commit is not asked for again', async () => {
    const stage = await useStage()
    const client = stage.open(join(stage.folder, 'hub'))
    const ask = (): Promise<unknown> =>
      client
        .download('a/b', 'nope.txt', { revision: stage.commit() })
        .then(String, (error: unknown) => error)
    expect(await ask()).toMatchObject({ code: 'HUB_ENTRY_NOT_FOUND' })
    stage.asked()
    expect(await ask()).toMatchObject({ code: 'HUB_ENTRY_NOT_FOUND' })
    expect(stage.asked()).toEqual([])
  })

  it('weak point 1: bytes of the right length that are wrong are never published', async () => {
    const stage = await useStage()
    const root = join(stage.folder, 'hub')
    stage.hub.addFault({
      on: { path: 'config.json', method: 'GET' },
      fault: { kind: 'flip', atByte: 3 },
    })
    const ended = stage.open(root).download('a/b', 'config.json')
    await expect(ended).rejects.toMatchObject({ code: expect.stringMatching(/^HUB_/) })
    expect(await readdir(join(root, 'models--a--b/blobs'))).toEqual([])
    await expect(readFile(join(root, 'models--a--b/refs/main'))).rejects.toThrow('ENOENT')
  })

  it('weak point 17: with nothing cached and no Hub, the error comes after the attempts that were allowed', async () => {
    const stage = await useStage()
    await stage.hub.close()
    const client = stage.open(join(stage.folder, 'hub'))
    await expect(client.download('a/b', 'config.json')).rejects.toMatchObject({
      code: 'HUB_CONNECT_FAILED',
      attempts: 2,
    })
  })

  it('weak point 20: a snapshot asks for no HEAD of what git holds, and links what another commit has', async () => {
    const stage = await useStage()
    const client = stage.open(join(stage.folder, 'hub'))
    await client.snapshot('a/b')
    const heads = stage.asked().filter((line) => line.startsWith('HEAD '))
    // Only LFS files have one: for their signed URL.
    expect(heads.map((line) => line.slice(line.lastIndexOf('/') + 1)).toSorted()).toEqual([
      'model.bin',
      'xet.bin',
    ])
    await client.snapshot('a/b', { revision: 'refs/pr/1' })
    const asked = stage.asked().filter((line) => !line.startsWith('GET /api/models/'))
    expect(asked.every((line) => line.endsWith('/config.json'))).toBe(true)
  })
})
