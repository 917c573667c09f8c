/**
 * Runs `work` over `items`, at most `limit` at once, and returns the results in the order of the items.
 * The first rejection stops new work and is rethrown after running work has settled. `worker` counts those at once, from 0.
 */
export async function mapConcurrent<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number, worker: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = Array.from({ length: items.length })
  const queue = items.entries()
  let failure: { readonly error: unknown } | undefined
  async function runWorker(worker: number): Promise<void> {
    // The workers share one iterator: each takes the next item when it is free.
    for (const [index, item] of queue) {
      if (failure) return
      try {
        results[index] = await work(item, index, worker)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(
    Array.from({ length: Math.min(limit, items.length) }, (_, worker) => runWorker(worker)),
  )
  if (failure) throw failure.error
  return results
}
