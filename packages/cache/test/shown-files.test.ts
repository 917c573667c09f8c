import { mkdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@hfx/core'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { fileKey } from '../src/scan-repo.ts'
import { createShownFiles } from '../src/shown-files.ts'

async function add(folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, name), name)
  return fileKey(await stat(join(folder, name)))
}

describe('what snapshots show', () => {
  it('grows by what is added, in old folders and in new ones', async () => {
    const root = await useTempDir()
    const showing = createShownFiles(join(root, 'snapshots'), systemClock)
    expect(await showing.refresh()).toEqual(new Set())
    const one = await add(join(root, 'snapshots/a/deep/er'), 'one')
    expect(await showing.refresh()).toEqual(new Set([one]))
    const two = await add(join(root, 'snapshots/a/deep/er'), 'two')
    const three = await add(join(root, 'snapshots/b/new'), 'three')
    expect(await showing.refresh()).toEqual(new Set([one, two, three]))
  })

  it('is not read again where nothing changed', async () => {
    const folder = join(await useTempDir(), 'snapshots')
    const showing = createShownFiles(folder, systemClock)
    const one = await add(folder, 'one')
    const longAgo = new Date(systemClock.now() - 60_000)
    await utimes(folder, longAgo, longAgo)
    await showing.refresh()
    const two = await add(folder, 'two')
    // As if nothing had happened: what is not read cannot be seen.
    await utimes(folder, longAgo, longAgo)
    expect(await showing.refresh()).toEqual(new Set([one]))
    const now = new Date(systemClock.now())
    await utimes(folder, now, now)
    expect(await showing.refresh()).toEqual(new Set([one, two]))
  })
})
