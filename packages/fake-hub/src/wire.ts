import {
  type ServerResponse,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
} from 'node:http'
import { type Socket } from 'node:net'
import { type Clock, systemClock } from '@hfx/core'
import { type Fault, findFault } from './fault.ts'

/** One answer on its way to the socket. Every method is a no-op once the connection is gone. */
export interface Wire {
  /** Aborted when the connection is gone or the hub closes. */
  readonly gone: AbortSignal
  sendHead(status: number, headers: Readonly<Record<string, string>>): Promise<void>
  /** Pushes the head out before there is a body. */
  flush(): void
  /** Resolves when the socket takes more. */
  write(chunk: Uint8Array): Promise<void>
  /** A complete answer. */
  end(): void
  /** Closes after what was written has left, complete or not. */
  closeEarly(): void
  /** TCP reset; over TLS, a plain close. */
  reset(): void
  /** True when the whole answer has left. */
  isComplete(): boolean
}

/** Node's own writer, unless headers are to come slowly or hold what it refuses: then one that writes by hand. */
export function openWire(
  response: ServerResponse,
  gone: AbortSignal,
  faults: readonly Fault[],
): Wire {
  const lineMs = findFault(faults, 'slowHeaders')?.ms
  let wire = createHttpWire(response, gone)
  return {
    gone,
    sendHead(status, headers) {
      if (lineMs !== undefined || !isWritable(headers))
        wire = createRawWire(response, gone, lineMs ?? 0)
      return wire.sendHead(status, headers)
    },
    flush: () => wire.flush(),
    write: (chunk) => wire.write(chunk),
    end: () => wire.end(),
    closeEarly: () => wire.closeEarly(),
    reset: () => wire.reset(),
    isComplete: () => wire.isComplete(),
  }
}

function isWritable(headers: Readonly<Record<string, string>>): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    }
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

function createHttpWire(response: ServerResponse, gone: AbortSignal): Wire {
  const { socket } = response
  return {
    gone,
    sendHead(status, headers) {
      if (!gone.aborted) response.writeHead(status, headers)
      return Promise.resolve()
    },
    flush: () => response.flushHeaders(),
    async write(chunk) {
      if (!gone.aborted && !response.write(chunk)) await waitForDrain(response, gone)
    },
    end: () => void response.end(),
    closeEarly: () => socket?.destroySoon(),
    reset: () => resetSocket(socket),
    isComplete: () => response.writableFinished,
  }
}

/** Writes the head line by line, `lineMs` apart, whatever the headers hold. Ends with the connection. */
function createRawWire(response: ServerResponse, gone: AbortSignal, lineMs: number): Wire {
  const { socket } = response
  let ended = false
  const write = async (chunk: Uint8Array): Promise<void> => {
    if (socket && !gone.aborted && !socket.write(chunk)) await waitForDrain(socket, gone)
  }
  return {
    gone,
    async sendHead(status, headers) {
      const lines = Object.entries({ ...headers, Connection: 'close' })
      await write(Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`))
      for (const line of [...lines.map(([name, value]) => `${name}: ${value}`), '']) {
        if (lineMs > 0) await sleepUnlessGone(systemClock, lineMs, gone)
        await write(Buffer.from(`${line}\r\n`))
      }
    },
    flush: () => {},
    write,
    end() {
      ended = true
      socket?.destroySoon()
    },
    closeEarly: () => socket?.destroySoon(),
    reset: () => resetSocket(socket),
    isComplete: () => ended && socket?.writableFinished === true,
  }
}

/** Returns early, without an error, when the connection goes. */
export async function sleepUnlessGone(clock: Clock, ms: number, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return
  await clock.sleep(ms, gone).catch((error: unknown) => {
    if (!gone.aborted) throw error
  })
}

/** Resolves when the connection is gone. */
export function waitUntilGone(gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (gone.aborted) return resolve()
    gone.addEventListener('abort', () => resolve(), { once: true })
  })
}

function waitForDrain(stream: ServerResponse | Socket, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.removeListener('drain', done)
      gone.removeEventListener('abort', done)
      resolve()
    }
    if (gone.aborted) return resolve()
    stream.once('drain', done)
    gone.addEventListener('abort', done, { once: true })
  })
}

const resetDelayMs = 20

/** A moment after everything written has left: a reset that overtakes the bytes reads as an orderly end in libuv. */
function resetSocket(socket: Socket | null): void {
  if (!socket) return
  if ('encrypted' in socket) {
    socket.destroySoon()
    return
  }
  socket.write(Buffer.alloc(0), () => {
    setTimeout(() => socket.resetAndDestroy(), resetDelayMs).unref()
  })
}
