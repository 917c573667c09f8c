import type { HubEvent } from '@hfx/core'

export interface EventQueue {
  push(event: HubEvent): void
  /** No more events will come. */
  end(): void
  /** Replays nothing: sees the events from now on. */
  iterate(): AsyncIterableIterator<HubEvent>
}

/** Most events that wait for a slow reader; beyond it only progress is dropped, and progress is a total. */
const maxWaiting = 4096

/**
 * Hands one stream of events to any number of readers, each at its own pace. Progress of a file that still waits is
 * replaced by the newer total, so a slow reader costs bounded memory and never holds the job up.
 */
export function createEventQueue(): EventQueue {
  const readers = new Set<Reader>()
  let ended = false
  return {
    push(event) {
      for (const reader of readers) reader.push(event)
    },
    end() {
      ended = true
      for (const reader of readers) reader.end()
    },
    iterate() {
      const reader = createReader(() => readers.delete(reader))
      if (ended) reader.end()
      else readers.add(reader)
      return reader.iterator
    },
  }
}

interface Reader {
  push(event: HubEvent): void
  end(): void
  readonly iterator: AsyncIterableIterator<HubEvent>
}

const done: IteratorResult<HubEvent> = { done: true, value: undefined }

function createReader(leave: () => void): Reader {
  const backlog = createBacklog()
  const waiting: ((result: IteratorResult<HubEvent>) => void)[] = []
  let ended = false

  function settle(result: IteratorResult<HubEvent>): boolean {
    const wake = waiting.shift()
    wake?.(result)
    return wake !== undefined
  }

  function end(): void {
    ended = true
    while (settle(done));
  }

  function next(): Promise<IteratorResult<HubEvent>> {
    const value = backlog.take()
    if (value) return Promise.resolve({ done: false, value })
    if (ended) return Promise.resolve(done)
    return new Promise((resolve) => {
      waiting.push(resolve)
    })
  }

  return {
    push(event) {
      if (!settle({ done: false, value: event })) backlog.add(event)
    },
    end,
    iterator: {
      next,
      return() {
        leave()
        backlog.clear()
        end()
        return Promise.resolve(done)
      },
      [Symbol.asyncIterator]() {
        return this
      },
    },
  }
}

interface Backlog {
  add(event: HubEvent): void
  take(): HubEvent | undefined
  clear(): void
}

/** Events in order; a file's progress that still waits is overtaken in place by the newer total. */
function createBacklog(): Backlog {
  let waiting: HubEvent[] = []
  let taken: Iterator<HubEvent> = [].values()
  const progressAt = new Map<string, number>()

  function clear(): void {
    waiting = []
    progressAt.clear()
  }

  return {
    add(event) {
      if (event.type !== 'file:progress') {
        waiting.push(event)
        return
      }
      const at = progressAt.get(event.path)
      if (at !== undefined) waiting[at] = event
      else if (waiting.length < maxWaiting) progressAt.set(event.path, waiting.push(event) - 1)
    },
    take() {
      const next = taken.next()
      if (!next.done) return next.value
      if (waiting.length === 0) return undefined
      // All that waits is taken at once, so that the positions in `progressAt` stay true.
      const [first, ...rest] = waiting
      taken = rest.values()
      clear()
      return first
    },
    clear() {
      taken = [].values()
      clear()
    },
  }
}
