import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exitCodes, main } from '../src/init-container.ts'
import { play, type Stage, useStage } from './fixtures.ts'

const settle = ({ folder, env }: Stage): Record<string, string> => ({
  ...env,
  MODEL_REPO: 'acme/open',
  READY_FILE: join(folder, 'ready.json'),
  METRICS_FILE: join(folder, 'hfx.prom'),
})

describe('init container', () => {
  it('pulls, says so in a file that is whole, and leaves metrics', async () => {
    const stage = await useStage()
    const env = settle(stage)
    const { exitCode, drawn } = await play(main, { env })
    expect(exitCode).toBe(0)
    const ready: unknown = JSON.parse(await readFile(join(stage.folder, 'ready.json'), 'utf8'))
    const commit = stage.hub.commit('acme/open')
    expect(ready).toMatchObject({
      repo: 'acme/open',
      commit,
      folder: expect.stringContaining(commit),
    })
    expect(await readFile(join(stage.folder, 'hfx.prom'), 'utf8')).toContain('hfx_jobs_total')
    expect(drawn).not.toBe('')
  })

  it('a second node start costs one request', async () => {
    const stage = await useStage()
    const env = settle(stage)
    await play(main, { env })
    stage.hub.clearRequests()
    expect((await play(main, { env })).exitCode).toBe(0)
    expect(stage.hub.requests).toHaveLength(1)
  })

  it.each([
    ['an unknown repository', { MODEL_REPO: 'acme/nope' }, exitCodes.configuration],
    ['an unknown revision', { MODEL_REVISION: 'nope' }, exitCodes.configuration],
    ['a name that is none', { MODEL_REPO: 'a b' }, exitCodes.configuration],
    ['no name', { MODEL_REPO: '' }, exitCodes.configuration],
    ['no access', { MODEL_REPO: 'acme/tiny', HF_TOKEN: 'hf_bob_token' }, exitCodes.noAccess],
    ['no server', { HF_ENDPOINT: 'http://127.0.0.1:1', HFX_MAX_RETRIES: '0' }, exitCodes.temporary],
  ])(
    '%s ends with its own code, and an old readiness file is gone',
    async (_name, change, exitCode) => {
      const stage = await useStage()
      const env: Record<string, string> = { ...settle(stage), ...change }
      const readyFile = join(stage.folder, 'ready.json')
      await writeFile(readyFile, '{}')
      expect((await play(main, { env })).exitCode).toBe(exitCode)
      await expect(readFile(readyFile)).rejects.toThrow('ENOENT')
    },
  )
})
