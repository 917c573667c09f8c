import type { FlowSink, RangeAnswer, RangeReader, RangeRequest, RangeSink } from '@hfx/core'

/** A request for a range, answered by hand. */
export interface ScriptedRequest {
  readonly range: RangeRequest
  /** True once the transfer has given it up. */
  readonly aborted: boolean
  /** How often the socket was woken after it had been told to wait. */
  readonly resumed: number
  /** What the transport would tell of the request. */
  readonly emit: FlowSink
  /** Hands over the next bytes; false when the socket is to wait. Each is `filling`, unless told otherwise. */
  send(bytes: number, byte?: number): boolean
  /** The same from a server that sends the whole file from its start, whatever was asked. */
  sendWhole(bytes: number): boolean
  /** The answer is over. */
  end(): void
  fail(error: Error): void
}

/** What every byte is. */
export const filling = 7

/** A `RangeReader` without a network: each request waits for what the test does with it. */
export function createScriptedReader(
  options: {
    /** Its sockets take their time to close: a request that is given up ends when the test says so. @default false */
    readonly closesLate?: boolean
  } = {},
): {
  readonly rangeReader: RangeReader
  readonly requests: readonly ScriptedRequest[]
} {
  const requests: ScriptedRequest[] = []
  const rangeReader: RangeReader = {
    readRange: (range, sink, step = {}) =>
      new Promise((resolve, reject) => {
        const answer = { status: 206, start: range.start, url: range.url, headers: {} } as const
        if (!options.closesLate)
          step.signal?.addEventListener('abort', () => reject(step.signal?.reason))
        requests.push(
          scriptRequest({ range, sink, answer, end: () => resolve(answer), fail: reject }, step),
        )
      }),
    close: () => Promise.resolve(),
  }
  return { rangeReader, requests }
}

interface OpenRequest extends Pick<ScriptedRequest, 'range' | 'end' | 'fail'> {
  readonly sink: RangeSink
  readonly answer: RangeAnswer
}

function scriptRequest(
  { range, sink, answer, end, fail }: OpenRequest,
  { signal, emit }: { readonly signal?: AbortSignal; readonly emit?: FlowSink },
): ScriptedRequest {
  let resumed = 0
  let isStarted = false
  function send(bytes: number, status: RangeAnswer['status'], byte = filling): boolean {
    if (!isStarted) sink.onStart?.({ ...answer, status })
    isStarted = true
    return sink.onData(Buffer.alloc(bytes, byte), () => void (resumed += 1))
  }
  return {
    range,
    get aborted() {
      return signal?.aborted ?? false
    },
    get resumed() {
      return resumed
    },
    emit: emit ?? (() => {}),
    send: (bytes, byte) => send(bytes, 206, byte),
    sendWhole: (bytes) => send(bytes, 200),
    end,
    fail,
  }
}
