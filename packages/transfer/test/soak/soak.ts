import { randomInt } from 'node:crypto'
import { env, stdout } from 'node:process'
import { expect, it } from 'vitest'
import { useTempDir } from '@hfx/testing'
import { runCrowd, runFaults, runHalted, runKills, soakWires } from '../support/soak-runs.ts'

/** `HFX_SOAK_SEED` repeats a run. */
const seed = Number(env['HFX_SOAK_SEED'] ?? randomInt(2 ** 31))
stdout.write(`soak: seed ${seed}\n`)

const kills = 100 / soakWires.length

it.each(soakWires)(`${kills} kills over %o`, async (wire) => {
  const report = await runKills(await useTempDir(), { kills, seed, wire })
  stdout.write(`kills: ${JSON.stringify({ wire, ...report })}\n`)
  expect(report.wrong).toEqual([])
  expect(report.kills).toBe(kills)
  expect(report.refetchedBytes).toBeLessThanOrEqual(report.allowedBytes)
})

it.each(soakWires)('a kill between proof and name costs no byte over %o', async (wire) => {
  const { names, finalName, ...report } = await runHalted(await useTempDir(), wire)
  expect(report).toMatchObject({ wrong: [], killedBy: 'SIGKILL', refetchedBytes: 0 })
  expect(names).toEqual([finalName])
})

it.each(soakWires)('16 processes without a lock over %o', async (wire) => {
  expect(await runCrowd(await useTempDir(), { processes: 16, seed, wire })).toEqual([])
})

it('400 downloads under random faults, over every wire', async () => {
  const report = await runFaults(await useTempDir(), { rounds: 400, seed })
  stdout.write(`faults: ${JSON.stringify(report)}\n`)
  expect(report.wrong).toEqual([])
})
