import { type ServerResponse } from 'node:http'
import { type Socket } from 'node:net'
import { type Clock } from '@hfx/core'

/** One answer on its way to the socket. Every method is a no-op once the connection is gone. */
export interface Wire {
  /** Aborted when the connection is gone or the hub closes. */
  readonly gone: AbortSignal
  sendHead(status: number, headers: Readonly<Record<string, string>>): Promise<void>
  /** Resolves when the socket takes more. */
  write(chunk: Uint8Array): Promise<void>
  /** A complete answer; keeps the connection. */
  end(): void
  /** Closes after what was written has left, complete or not. */
  closeEarly(): void
  /** TCP reset; over TLS, a plain close. */
  reset(): void
}

export function createHttpWire(response: ServerResponse, gone: AbortSignal): Wire {
  const { socket } = response
  return {
    gone,
    sendHead(status, headers) {
      if (!gone.aborted) response.writeHead(status, headers).flushHeaders()
      return Promise.resolve()
    },
    async write(chunk) {
      if (!gone.aborted && !response.write(chunk)) await waitFor(response, 'drain', gone)
    },
    end: () => void response.end(),
    closeEarly: () => socket?.destroySoon(),
    reset: () => resetSocket(socket),
  }
}

/** Writes the head itself, line by line, `lineMs` apart, and whatever the headers hold. Closes at the end. */
export function createRawWire(
  response: ServerResponse,
  gone: AbortSignal,
  pace: { readonly clock: Clock; readonly lineMs: number },
): Wire {
  const { socket } = response
  const write = async (chunk: Uint8Array): Promise<void> => {
    if (socket && !gone.aborted && !socket.write(chunk)) await waitFor(socket, 'drain', gone)
  }
  return {
    gone,
    async sendHead(status, headers) {
      const all = { ...headers, Connection: 'close' }
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
      await write(Buffer.from(`HTTP/1.1 ${status} Status\r\n`))
      for (const line of [...lines, '']) {
        if (pace.lineMs > 0) await sleepUnlessGone(pace.clock, pace.lineMs, gone)
        await write(Buffer.from(`${line}\r\n`, 'latin1'))
      }
    },
    write,
    end: () => socket?.destroySoon(),
    closeEarly: () => socket?.destroySoon(),
    reset: () => resetSocket(socket),
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

function waitFor(emitter: ServerResponse | Socket, event: 'drain', gone: AbortSignal) {
  return new Promise<void>((resolve) => {
    const done = (): void => {
      emitter.removeListener(event, done)
      gone.removeEventListener('abort', done)
      resolve()
    }
    if (gone.aborted) return resolve()
    emitter.once(event, done)
    gone.addEventListener('abort', done, { once: true })
  })
}

function resetSocket(socket: Socket | null): void {
  if (!socket) return
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
}
