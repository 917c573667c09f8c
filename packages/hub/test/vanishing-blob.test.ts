import { rm } from 'node:fs/promises'
import { type FileStore, type SnapshotResult, silentLogger, systemClock } from '@hfx/core'
import { expect, it, onTestFinished } from 'vitest'
import { downloadSnapshot } from '../src/download-snapshot.ts'
import { composeParts } from '../src/index.ts'
import { openStage } from './support/hub-stage.ts'
import { createSnapshotWork } from './support/snapshot-work.ts'

/** A snapshot of the second commit, whose file the first has already; its blob goes the moment before it is linked. */
async function runWhileBlobGoes(): Promise<{
  readonly result: Promise<SnapshotResult>
  readonly looked: readonly string[]
}> {
  const files = { 'config.json': '{"kept": true}\n' }
  const commits = [{ files }, { files: { ...files, 'new.txt': 'new\n' } }]
  const repo = { id: 'a/b', commits, branches: { main: 1, old: 0 } }
  const { hub, open, cacheDir } = await openStage({ repos: [repo] })
  await open().snapshot('a/b', { revision: 'old' })
  const options = { env: {}, token: false, endpoint: hub.url, cacheDir } as const
  const parts = await composeParts(options, silentLogger)
  onTestFinished(() => parts.close())
  const store = parts.openStore(undefined)
  const looked: string[] = []
  const linkFile: FileStore['linkFile'] = async (file, state, step) => {
    looked.push(file.path)
    await rm(state.from)
    return store.linkFile(file, state, step)
  }
  const result = downloadSnapshot(
    { ...parts, clock: systemClock, store: { ...store, linkFile } },
    { repo: { type: 'model', id: 'a/b' }, revision: 'main' },
    createSnapshotWork(),
  )
  return { result, looked }
}

it('CC-1: a blob that a cleaner takes between our look and the link is fetched', async () => {
  const { result, looked } = await runWhileBlobGoes()
  expect(await result).toMatchObject({ filesFrom: { hub: 2, link: 0 } })
  expect(looked).toEqual(['config.json'])
})
