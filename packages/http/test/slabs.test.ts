import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { boundTime } from '../src/bound-time.ts'
import { pumpBody } from '../src/pump-body.ts'
import { createSlabPool, slabBytes } from '../src/slab-pool.ts'

describe('memory that sockets read into', () => {
  it('is used again when it was retired, by one at a time', () => {
    const pool = createSlabPool()
    const first = pool.take(slabBytes)
    first.retire()
    first.retire()
    const [second, third] = [pool.take(slabBytes), pool.take(slabBytes)]
    expect(second.bytes.buffer).toBe(first.bytes.buffer)
    expect(third.bytes.buffer).not.toBe(first.bytes.buffer)
  })

  it('is kept for 32 at most', () => {
    const pool = createSlabPool()
    const slabs = Array.from({ length: 40 }, () => pool.take(slabBytes))
    const known = new Set(slabs.map(({ bytes }) => bytes.buffer))
    for (const slab of slabs) slab.retire()
    const again = Array.from({ length: 40 }, () => pool.take(slabBytes))
    expect(again.filter(({ bytes }) => known.has(bytes.buffer))).toHaveLength(32)
  })
})

it('an exchange that is aborted when its time is over already ends with the reason of the abort', async () => {
  const stop = new AbortController()
  const bound = boundTime(new URL('http://hub.example/'), 1, stop.signal)
  await expect.poll(() => bound.signal?.aborted).toBe(true)
  const error = new Error('the exchange has ended')
  expect(bound.name(error)).toMatchObject({ code: 'HUB_TIMEOUT' })
  stop.abort('enough')
  expect(bound.name('enough')).toBe('enough')
  bound.leave()
})

describe('a stream that is handed on', () => {
  const read = <T>(work: () => Promise<T>): Promise<T> => work()
  const reader = { read: () => Promise.resolve({ done: false, value: Buffer.from('x') }) }

  it('ends with an abort that comes while its taker asks for a pause', async () => {
    const stop = new AbortController()
    const pumped = pumpBody(
      reader,
      () => {
        stop.abort('enough')
        return 'pause'
      },
      { signal: stop.signal, read },
    )
    await expect(pumped).rejects.toBe('enough')
  })

  it('leaves nothing on its signal after a pause', async () => {
    const { signal } = new AbortController()
    let taken = 0
    await pumpBody(
      reader,
      (_chunk, resume) => {
        taken += 1
        if (taken === 5) return 'enough'
        setImmediate(resume)
        return 'pause'
      },
      { signal, read },
    )
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
