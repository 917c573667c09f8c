import { describe, expect, it } from 'vitest'
import { forEachConcurrent } from '../src/index.ts'

describe('work over items as they come', () => {
  it('runs no more than the limit at once, and everything in the end', async () => {
    const seen: number[] = []
    let running = 0
    let most = 0
    const workers = new Set<number>()
    await forEachConcurrent(numbers(20), 3, async (item, worker) => {
      workers.add(worker)
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(item)
      running -= 1
    })
    expect(most).toBe(3)
    expect(workers).toEqual(new Set([0, 1, 2]))
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at))
  })

  it('takes an item only when a lane is free for it', async () => {
    let taken = 0
    await forEachConcurrent(
      numbers(10, () => (taken += 1)),
      2,
      async (item) => {
        await new Promise((resolve) => setImmediate(resolve))
        expect(taken).toBeLessThanOrEqual(item + 3)
      },
    )
    expect(taken).toBe(10)
  })

  it('stops at the first failure, closes the source and waits for what runs', async () => {
    let closed = false
    let finished = 0
    async function* source() {
      try {
        yield* [1, 2, 3, 4, 5]
      } finally {
        closed = true
      }
    }
    const job = forEachConcurrent(source(), 2, async (item) => {
      await new Promise((resolve) => setTimeout(resolve, item))
      if (item === 1) throw new Error('broken')
      finished += 1
    })
    await expect(job).rejects.toThrow('broken')
    expect(finished).toBe(1)
    expect(closed).toBe(true)
  })

  it('a source that fails is a failure', async () => {
    async function* source() {
      yield 1
      throw new Error('no more pages')
    }
    const seen: number[] = []
    const job = forEachConcurrent(source(), 4, async (item) => {
      seen.push(item)
    })
    await expect(job).rejects.toThrow('no more pages')
    expect(seen).toEqual([1])
  })
})

async function* numbers(count: number, onTake = (): void => undefined): AsyncGenerator<number> {
  for (let item = 0; item < count; item += 1) {
    onTake()
    yield item
  }
}
