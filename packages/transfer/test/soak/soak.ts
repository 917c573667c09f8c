import { randomInt } from 'node:crypto'
import { env, stdout } from 'node:process'
import { expect, it } from 'vitest'
import { useTempDir } from '@hfx/testing'
import { runCrowd, runFaults, runKills } from '../support/soak-runs.ts'

/** `HFX_SOAK_SEED` repeats a run. */
const seed = Number(env['HFX_SOAK_SEED'] ?? randomInt(2 ** 31))
stdout.write(`soak: seed ${seed}\n`)

it('100 kills', async () => {
  const report = await runKills(await useTempDir(), { kills: 100, seed })
  stdout.write(`kills: ${JSON.stringify(report)}\n`)
  expect(report.wrong).toEqual([])
  expect(report.refetchedBytes).toBeLessThanOrEqual(report.allowedBytes)
})

it('16 processes, five times', async () => {
  for (let round = 0; round < 5; round += 1)
    expect(await runCrowd(await useTempDir(), { processes: 16, seed: seed + round })).toEqual([])
})

it('400 downloads under random faults', async () => {
  const report = await runFaults(await useTempDir(), { rounds: 400, seed })
  stdout.write(`faults: ${JSON.stringify(report)}\n`)
  expect(report.wrong).toEqual([])
})
