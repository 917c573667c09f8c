import { createManualClock } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createOnTheSpot } from '../src/on-the-spot.ts'

describe('createOnTheSpot', () => {
  it('calls a quick disk on the spot, and one that was slow five times through the pool', async () => {
    let nowMs = 0
    const onTheSpot = createOnTheSpot({ monotonic: () => nowMs })
    const call = (tookMs: number): Promise<string> =>
      onTheSpot(
        () => {
          nowMs += tookMs
          return 'on the spot'
        },
        () => Promise.resolve('pool'),
      )
    const answers: string[] = []
    for (const tookMs of [1, 6, 6, 1, 6, 6, 6, 1]) answers.push(await call(tookMs))
    expect(answers).toEqual([...Array.from({ length: 7 }, () => 'on the spot'), 'pool'])
  })

  it('hands on what a call throws', async () => {
    const onTheSpot = createOnTheSpot(createManualClock())
    const refused = onTheSpot(
      () => {
        throw new Error('EIO')
      },
      () => Promise.resolve(),
    )
    await expect(refused).rejects.toThrow('EIO')
  })
})
