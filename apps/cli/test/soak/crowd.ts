import { stdout } from 'node:process'
import { expect, it } from 'vitest'
import { runCrowd } from '../support/crowd.ts'

const rounds = [1, 2, 3]

it.each(rounds)('16 processes on one cold cache, round %i', async () => {
  const { wrong, copiesSent } = await runCrowd(16, 'working')
  stdout.write(`crowd: ${copiesSent.toFixed(2)} copies left the server\n`)
  expect(wrong).toEqual([])
  expect(copiesSent).toBeLessThan(1.5)
})

it.each(rounds)('16 processes on one cold cache, every lock granted, round %i', async () => {
  const { wrong, copiesSent } = await runCrowd(16, 'granted')
  stdout.write(`crowd without locks: ${copiesSent.toFixed(2)} copies left the server\n`)
  expect(wrong).toEqual([])
})
