import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { main as download } from '../src/basic-download.ts'
import { main } from '../src/custom-pipeline.ts'
import { play, useStage } from './fixtures.ts'

describe('custom pipeline', () => {
  it('brings any URL, proves it, and says what a cache holds', async () => {
    const { hub, folder, env } = await useStage()
    await play(download, { args: ['acme/open', join(folder, 'downloads')], env })
    const url = `${hub.url}/acme/open/resolve/main/model.bin`
    const bytes = Buffer.from(await (await fetch(url)).arrayBuffer())
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    hub.clearRequests()
    const to = join(folder, 'some', 'model.bin')
    const { exitCode, lines } = await play(main, {
      args: [url, sha256, join(folder, 'hub')],
      env: { DOWNLOAD_TO: to },
    })
    expect(exitCode).toBe(0)
    expect(lines[0]).toBe(`${to}: 3.1 MB, verified by sha256`)
    expect((await readFile(to)).equals(bytes)).toBe(true)
    expect(hub.requests.every(({ path }) => !path.startsWith('/api/'))).toBe(true)
    expect(lines).toContain('model acme/open: 1 revisions')
    expect(lines.at(-1)).toMatch(/in the cache, .* could go$/)
  })

  it('keeps nothing that is not what it should be', async () => {
    const { hub, folder } = await useStage()
    const to = join(folder, 'model.bin')
    const { exitCode, text } = await play(main, {
      args: [`${hub.url}/acme/open/resolve/main/model.bin`, 'ab'.repeat(32)],
      env: { DOWNLOAD_TO: to },
    })
    expect(exitCode).toBe(1)
    expect(text).toContain('HUB_HASH_MISMATCH')
    await expect(readFile(to)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
