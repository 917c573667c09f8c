import type { OnReadOpts, Socket } from 'node:net'
import { createLeanExchange, type LeanExchange, type LeanLimits } from './lean-exchange.ts'
import { createReadSlabs, type ReadSlabs } from './read-slabs.ts'
import type { SlabPool } from './slab-pool.ts'
import type { BodyTaker, WireHead, WireRequest } from './wire.ts'
import { WireError } from './wire-error.ts'
import { writeHead } from './write-head.ts'

/** One connection, one exchange at a time. The socket reads straight into memory that the takers may keep. */
export interface LeanConnection {
  /** Resolves when it is ready for a request. */
  readonly opened: Promise<void>
  /** Some byte of an answer to the last request has come. */
  readonly begun: boolean
  /** Sends, and reads the answer. True when the connection can serve again. */
  exchange(request: WireRequest, onHead: (head: WireHead) => BodyTaker): Promise<boolean>
  /** Waits for its next request, for so long and without keeping the process alive; `onGone` when it ends meanwhile. */
  rest(restMs: number, onGone: () => void): void
  destroy(): void
}

/** Opens a socket that reads as it is told. */
export type OpenSocket = (onread: OnReadOpts) => {
  readonly socket: Socket
  /** Resolves when bytes may be sent; rejects when that will not be. */
  readonly ready: Promise<void>
}

export interface LeanConnectionDeps {
  readonly open: OpenSocket
  readonly slabs: SlabPool
  readonly limits: LeanLimits
}

interface ConnectionState extends LeanConnectionDeps {
  readonly target: ReadSlabs
  running: LeanExchange | undefined
  onGone: (() => void) | undefined
  restTimer: NodeJS.Timeout | undefined
}

export function createLeanConnection(deps: LeanConnectionDeps): LeanConnection {
  const state: ConnectionState = {
    ...deps,
    target: createReadSlabs(deps.slabs),
    running: undefined,
    onGone: undefined,
    restTimer: undefined,
  }
  const { socket, ready } = deps.open({
    buffer: () => state.target.target,
    callback(bytes, buffer) {
      // Nobody has asked for bytes that come while nothing is running.
      if (!state.running) socket.destroy()
      const goesOn = state.running?.take(buffer.subarray(0, bytes)) ?? false
      state.target.advance(bytes, state.running?.expectedBytes ?? 0)
      return goesOn
    },
  })
  const leave = (error?: Error): void => {
    state.onGone?.()
    state.running?.leave(error)
  }
  socket.on('error', leave)
  socket.on('end', () => leave())
  socket.on('close', () => {
    leave()
    state.target.retire()
  })
  return operate(state, socket, ready)
}

function operate(state: ConnectionState, socket: Socket, ready: Promise<void>): LeanConnection {
  let last: LeanExchange | undefined
  return {
    opened: ready,
    get begun() {
      return last?.begun === true
    },
    async exchange(request, onHead) {
      endRest(state)
      socket.ref()
      const isReusable = await run(state, { socket, request, onHead }, (exchange) => {
        last = exchange
      })
      return isReusable && !socket.destroyed
    },
    rest(restMs, onGone) {
      socket.unref()
      state.restTimer = setTimeout(() => socket.destroy(), restMs)
      state.restTimer.unref()
      state.onGone = () => {
        endRest(state)
        onGone()
      }
    },
    destroy() {
      endRest(state)
      state.running?.leave(new WireError('WIRE_BROKEN', 'this side closed the connection'))
      socket.destroy()
    },
  }
}

interface Run {
  readonly socket: Socket
  readonly request: WireRequest
  readonly onHead: (head: WireHead) => BodyTaker
}

function run(
  state: ConnectionState,
  { socket, request, onHead }: Run,
  onStart: (exchange: LeanExchange) => void,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const head = writeHead(request)
    const exchange = createLeanExchange(request, {
      limits: state.limits,
      onHead,
      onContent: () => state.target.lend(),
      release: (chunk) => state.slabs.release(chunk),
      resume: () => socket.resume(),
      onOver(outcome) {
        state.running = undefined
        if (outcome.isReusable) socket.resume()
        else socket.destroy()
        if ('error' in outcome) reject(outcome.error)
        else resolve(outcome.isReusable)
      },
    })
    state.running = exchange
    onStart(exchange)
    if (socket.destroyed) return exchange.leave()
    // Field values are bytes to HTTP (RFC 9110, 5.5); UTF-8 would make two of those above 0x7F.
    socket.write(head, 'latin1')
    if (request.body !== undefined) socket.write(request.body)
  })
}

function endRest(state: ConnectionState): void {
  clearTimeout(state.restTimer)
  state.onGone = undefined
}
