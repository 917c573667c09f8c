import { createLeanConnection, type LeanConnection } from './lean-connection.ts'
import type { SocketOpener, SocketShare } from './open-socket.ts'
import type { ResolvedHttpOptions } from './options.ts'
import { createSlabPool, type SlabPool } from './slab-pool.ts'
import type { WireRequest } from './wire.ts'

export interface LeanLease {
  readonly connection: LeanConnection
  /** It has served before: the other side may have closed it a moment ago. */
  readonly reused: boolean
  release(isReusable: boolean): void
}

/** The connections of a wire, at most so many for each origin. */
export interface LeanPool {
  /** Rejects with what kept the connection from being made, or with the signal's reason. */
  take(request: WireRequest): Promise<LeanLease>
  /** Ends all of them, running ones too. */
  close(): void
}

interface Origin {
  readonly opener: Promise<SocketOpener>
  readonly idle: LeanConnection[]
  /** Also those that are being opened: each has its place from the start. */
  readonly all: Set<LeanConnection>
  opening: number
  readonly waiting: Set<() => void>
}

interface PoolDeps {
  readonly options: ResolvedHttpOptions
  readonly slabs: SlabPool
}

const restMs = 15_000

export function createLeanPool(options: ResolvedHttpOptions, share: SocketShare): LeanPool {
  const deps: PoolDeps = { options, slabs: createSlabPool() }
  const origins = new Map<string, Origin>()
  return {
    async take(request) {
      const { origin: name } = request.url
      const origin = origins.get(name) ?? createOrigin(share.openerFor(request.url))
      origins.set(name, origin)
      for (;;) {
        request.signal?.throwIfAborted()
        const idle = origin.idle.pop()
        if (idle && !request.fresh) return lease(origin, idle, true)
        if (idle) drop(origin, idle)
        if (origin.all.size + origin.opening < options.maxSockets)
          return open(deps, origin, request.signal)
        await whenFree(origin, request.signal)
      }
    },
    close() {
      const all = [...origins.values()].flatMap((origin) => [...origin.all])
      origins.clear()
      for (const connection of all) connection.destroy()
    },
  }
}

function createOrigin(opener: Promise<SocketOpener>): Origin {
  return { opener, idle: [], all: new Set(), opening: 0, waiting: new Set() }
}

async function open(
  { options, slabs }: PoolDeps,
  origin: Origin,
  signal: AbortSignal | undefined,
): Promise<LeanLease> {
  origin.opening += 1
  let opener: SocketOpener
  try {
    opener = await origin.opener
    signal?.throwIfAborted()
  } finally {
    origin.opening -= 1
    wake(origin)
  }
  const connection = createLeanConnection({
    open: (onread) => opener.open(onread),
    slabs,
    limits: options,
  })
  const stop = (): void => connection.destroy()
  origin.all.add(connection)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    await connection.opened
    return lease(origin, connection, false)
  } catch (error) {
    drop(origin, connection)
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

function lease(origin: Origin, connection: LeanConnection, reused: boolean): LeanLease {
  return {
    connection,
    reused,
    release(isReusable) {
      if (!isReusable) return drop(origin, connection)
      origin.idle.push(connection)
      connection.rest(restMs, () => drop(origin, connection))
      wake(origin)
    },
  }
}

function drop(origin: Origin, connection: LeanConnection): void {
  const at = origin.idle.indexOf(connection)
  if (at !== -1) origin.idle.splice(at, 1)
  origin.all.delete(connection)
  connection.destroy()
  wake(origin)
}

function wake(origin: Origin): void {
  const [first] = origin.waiting
  first?.()
}

function whenFree(origin: Origin, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    function leave(): void {
      origin.waiting.delete(go)
      signal?.removeEventListener('abort', stop)
    }
    function go(): void {
      leave()
      resolve()
    }
    function stop(): void {
      leave()
      reject(signal?.reason)
    }
    origin.waiting.add(go)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
