import { expect, it } from 'vitest'
import { runCrowd } from './support/crowd.ts'

it('CO-1: processes on one cold cache fetch a large file once', async () => {
  const { wrong, copiesSent } = await runCrowd(4, 'working')
  expect(wrong).toEqual([])
  expect(copiesSent).toBeLessThan(1.5)
})

// The lock that always says yes is a shell script.
it.skipIf(process.platform === 'win32')(
  'RE-2: processes on one cold cache leave it whole and right also where every lock is granted',
  async () => {
    const { wrong, copiesSent } = await runCrowd(4, 'granted')
    expect(wrong).toEqual([])
    expect(copiesSent).toBeLessThanOrEqual(4.5)
  },
)
