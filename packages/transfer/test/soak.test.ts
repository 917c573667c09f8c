import { expect, it } from 'vitest'
import { useTempDir } from '@hfx/testing'
import { runCrowd, runFaults, runKills } from './support/soak-runs.ts'

const seed = 20_260_101

it('RE-1: a download that is killed again and again comes down right, and costs only what was on its way', async () => {
  const report = await runKills(await useTempDir(), { kills: 3, seed })
  expect(report.wrong).toEqual([])
  expect(report.kills).toBe(3)
  expect(report.refetchedBytes).toBeLessThanOrEqual(report.allowedBytes)
})

it('RE-2: processes that bring one file into one folder without a lock do not hurt each other', async () => {
  expect(await runCrowd(await useTempDir(), { processes: 4, seed })).toEqual([])
})

it('under random faults a file comes down right or fails with a code and resumes', async () => {
  const report = await runFaults(await useTempDir(), { rounds: 8, seed })
  expect(report.wrong).toEqual([])
  expect(report.rounds).toBe(8)
})
