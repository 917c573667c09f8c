import { join } from 'node:path'
import { type FileLocation, silentLogger, systemClock } from '@hfx/core'
import { startFakeHub } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { expect, it, onTestFinished } from 'vitest'
import { bringFile } from '../src/bring-file.ts'
import { composeParts } from '../src/index.ts'
import { createPauseButton } from '../src/pause-gate.ts'

it('SU-2: a location that is known serves the first question, and none that wants a fresh one', async () => {
  const weights = { lfs: true, bytes: 'weights' }
  const hub = await startFakeHub({ repos: [{ id: 'a/b', commits: [{ files: { w: weights } }] }] })
  onTestFinished(() => hub.close())
  const cacheDir = join(await useTempDir(), 'hub')
  const options = { env: {}, token: false, endpoint: hub.url, cacheDir } as const
  const parts = await composeParts(options, silentLogger)
  onTestFinished(() => parts.close())
  const repo = { type: 'model', id: 'a/b' } as const
  const described = await parts.api.describeFile(repo, 'main', 'w')
  const known: FileLocation = { url: 'https://known.example/' }
  const context = {
    signal: new AbortController().signal,
    emit: () => undefined,
    trace: { jobId: 'job' },
    gate: createPauseButton(),
  }
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
    const deps = {
      ...parts,
      transfer,
      store: parts.openStore(undefined),
      clock: systemClock,
      logger: silentLogger,
    }
    const want = { file: described.file, state: { kind: 'fetch' }, force: true } as const
    await bringFile(deps, { ...want, forceSpace: false, location: known }, context)
    expect(seen[0] === known.url).toBe(!fresh)
    expect(seen[1]).not.toBe(known.url)
  }
})
