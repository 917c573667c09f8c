import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileLocation, silentLogger, systemClock } from '@hfx/core'
import { startFakeHub } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { expect, it, onTestFinished } from 'vitest'
import { bringFile } from '../src/bring-file.ts'
import { composeParts } from '../src/index.ts'
import { createPauseButton } from '../src/pause-gate.ts'

async function openFlow() {
  const weights = { lfs: true, bytes: 'weights' }
  const hub = await startFakeHub({ repos: [{ id: 'a/b', commits: [{ files: { w: weights } }] }] })
  onTestFinished(() => hub.close())
  const cacheDir = join(await useTempDir(), 'hub')
  const options = { env: {}, token: false, endpoint: hub.url, cacheDir } as const
  const parts = await composeParts(options, silentLogger)
  onTestFinished(() => parts.close())
  const context = {
    signal: new AbortController().signal,
    emit: () => undefined,
    trace: { jobId: 'job' },
    gate: createPauseButton(),
  }
  const repo = { type: 'model', id: 'a/b' } as const
  const { file } = await parts.api.describeFile(repo, 'main', 'w')
  const deps = {
    ...parts,
    store: parts.openStore(undefined),
    clock: systemClock,
    logger: silentLogger,
  }
  const want = { file, state: { kind: 'fetch' }, force: true, forceSpace: false } as const
  return { hub, parts, deps, want, context }
}

it('SU-2: a location that is known serves the first question, and none that wants a fresh one', async () => {
  const { parts, deps, want, context } = await openFlow()
  const known: FileLocation = { url: 'https://known.example/' }
  for (const fresh of [true, false]) {
    const seen: string[] = []
    const transfer: typeof parts.transfer = {
      ...parts.transfer,
      async transferFile(source, staged, work) {
        for (const again of [fresh, false]) {
          seen.push((await source.locate({ ...work, fresh: again })).url)
        }
        return parts.transfer.transferFile(source, staged, work)
      },
    }
    await bringFile({ ...deps, transfer }, { ...want, location: known }, context)
    expect(seen[0] === known.url).toBe(!fresh)
    expect(seen[1]).not.toBe(known.url)
  }
})

it('commits also what comes from a transfer that knows nothing of committing', async () => {
  const { parts, deps, want, context } = await openFlow()
  const transfer: typeof parts.transfer = {
    ...parts.transfer,
    transferFile: (source, staged) => parts.transfer.transferFile(source, staged),
  }
  const done = await bringFile({ ...deps, transfer }, want, context)
  expect(await readFile(done.localPath, 'utf8')).toBe('weights')
})

it('CO-2: two that want one file make one download of it: who waited looks again', async () => {
  const { hub, deps, want, context } = await openFlow()
  const wanted = { ...want, force: false }
  const done = await Promise.all([
    bringFile(deps, wanted, context),
    bringFile(deps, wanted, context),
  ])
  expect(done.map(({ source }) => source).toSorted()).toEqual(['cache', 'hub'])
  expect(hub.requests.filter(({ host }) => host === 'cdn')).toHaveLength(1)
})

it('what was to be linked and is gone is an error where the network may not be asked', async () => {
  const { hub, deps, want, context } = await openFlow()
  const from = join(await useTempDir(), 'gone')
  const state = { kind: 'link', from, diskBytes: 0 } as const
  const store: typeof deps.store = { ...deps.store, findFile: () => Promise.resolve(state) }
  const offline = { ...want, state, force: false, mayFetch: false }
  const failed = bringFile({ ...deps, store }, offline, context)
  await expect(failed).rejects.toMatchObject({ code: 'HUB_CACHE_CORRUPT' })
  expect(hub.requests.filter(({ host }) => host === 'cdn')).toEqual([])
  const done = await bringFile({ ...deps, store }, { ...offline, mayFetch: true }, context)
  expect(done.source).toBe('hub')
})
