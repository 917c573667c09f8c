/** The outcome of the work, or the signal's reason if that comes first. The work itself goes on. */
export async function raceSignal<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  const heard = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { signal: heard.signal })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    heard.abort('heard')
  }
}
