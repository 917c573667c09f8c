import type { BodyTaker } from './wire.ts'

/** What of a stream's reader is used. */
export interface BodyReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
}

/** Hands a stream's chunks to a taker, at the taker's pace. Resolves when the body has ended, or the taker has enough. */
export async function pumpBody(
  reader: BodyReader,
  take: BodyTaker,
  options: {
    readonly signal: AbortSignal
    /** Runs one read: how long it may take is its affair. */
    readonly read: <T>(work: () => Promise<T>) => Promise<T>
  },
): Promise<void> {
  for (;;) {
    const { done, value } = await options.read(() => reader.read())
    if (done || value === undefined) return
    const appetite = await offer(value, take, options.signal)
    if (appetite === 'enough') return
  }
}

/** Resolves when the taker goes on; it may ask for that before its call that asks to stop has come back. */
function offer(
  chunk: Uint8Array,
  take: BodyTaker,
  signal: AbortSignal,
): Promise<'more' | 'enough'> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    const go = (): void => {
      signal.removeEventListener('abort', stop)
      resolve('more')
    }
    const appetite = take(chunk, go)
    if (appetite !== 'pause') return resolve(appetite)
    signal.throwIfAborted()
    signal.addEventListener('abort', stop, { once: true })
  })
}
