/**
 * Runs `work` over items as they come, at most `limit` at once, and keeps none of them. The first rejection, of the
 * work or of the source, stops new work and is rethrown after running work has settled. `worker` counts those at
 * once, from 0.
 */
export async function forEachConcurrent<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T, worker: number) => Promise<void>,
): Promise<void> {
  const queue = readAll(items)
  let failure: { readonly error: unknown } | undefined
  async function runWorker(worker: number): Promise<void> {
    try {
      // The workers share one queue: each takes the next item when it is free.
      for (;;) {
        const next = await queue.next()
        if (next.done || failure) return
        await work(next.value, worker)
      }
    } catch (error) {
      failure ??= { error }
    }
  }
  await Promise.all(Array.from({ length: limit }, (_, worker) => runWorker(worker)))
  await queue.return()
  if (failure) throw failure.error
}

async function* readAll<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, void> {
  yield* items
}
