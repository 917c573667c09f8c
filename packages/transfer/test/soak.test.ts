import { expect, it } from 'vitest'
import { useTempDir } from '@hfx/testing'
import { runCrowd, runDead, runFaults, runKills } from './support/soak-runs.ts'

const seed = 20_260_101

it.each([
  { name: 'lean', tls: true },
  { name: 'undici', tls: false },
] as const)(
  'RE-1: a download that is killed again and again comes down right, and costs only what was on its way (%o)',
  async (wire) => {
    const report = await runKills(await useTempDir(), { kills: 2, seed, wire })
    expect(report.wrong).toEqual([])
    expect(report.kills).toBe(2)
    expect(report.refetchedBytes).toBeLessThanOrEqual(report.allowedBytes)
  },
)

it('RE-2: processes that bring one file into one folder without a lock do not hurt each other', async () => {
  const wire = { name: 'lean', tls: false } as const
  expect(await runCrowd(await useTempDir(), { processes: 4, seed, wire })).toEqual([])
})

it('under random faults a file comes down right or fails with a code and resumes', async () => {
  const report = await runFaults(await useTempDir(), { rounds: 10, seed })
  expect(report.wrong).toEqual([])
  expect(report.rounds).toBe(10)
})

it.each([
  { name: 'lean', tls: false },
  { name: 'undici', tls: true },
] as const)(
  'ST-4: a process whose sources are all dead says so and ends by itself, with nothing closed for it (%o)',
  async (wire) => {
    const end = await runDead(await useTempDir(), wire)
    expect(end.errors).toContain("code: 'HUB_STALLED'")
    expect(end).toMatchObject({ code: 1, signal: null })
  },
)
