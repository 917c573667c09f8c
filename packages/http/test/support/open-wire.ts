import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { useServer } from '@hfx/testing'
import { onTestFinished } from 'vitest'
import { createUndiciWire } from '../../src/dispatch.ts'
import { createFetchWire } from '../../src/fetch-wire.ts'
import { createLeanWire } from '../../src/lean-wire.ts'
import { type HttpOptions, resolveHttpOptions } from '../../src/options.ts'
import type { Wire, WireHead, WireRequest } from '../../src/wire.ts'

const makers = {
  lean: (options: HttpOptions): Wire => {
    const resolved = resolveHttpOptions(options)
    return createLeanWire(resolved, createUndiciWire(resolved))
  },
  undici: (options: HttpOptions): Wire => createUndiciWire(resolveHttpOptions(options)),
  fetch: (options: HttpOptions): Wire => createFetchWire(fetch, resolveHttpOptions(options)),
}

export async function listen(server: Server): Promise<URL> {
  return new URL(`http://127.0.0.1:${await useServer(server)}/a?b=1`)
}

export function serve(listener: RequestListener): Promise<URL> {
  return listen(createServer(listener))
}

/** A server that writes what it likes when a request comes. */
export function serveRaw(answer: (socket: Socket, count: number) => void): Promise<URL> {
  let count = 0
  return listen(
    createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', () => answer(socket, (count += 1)))
    }),
  )
}

/** A wire that ends with the test. */
export function open(name: keyof typeof makers, options: HttpOptions = {}): Wire {
  const wire = makers[name](options)
  onTestFinished(() => wire.close())
  return wire
}

export function request(url: URL, more: Partial<WireRequest> = {}): WireRequest {
  return { method: 'GET', url, headers: { accept: '*/*' }, fresh: false, follow: false, ...more }
}

export interface Answer {
  readonly head: WireHead
  readonly body: string
}

export async function ask(wire: Wire, wanted: WireRequest): Promise<Answer> {
  let head: WireHead | undefined
  const chunks: Buffer[] = []
  await wire.exchange(wanted, (arrived) => {
    head = arrived
    return (chunk) => {
      chunks.push(Buffer.from(chunk))
      return 'more'
    }
  })
  if (!head) throw new Error('no head')
  return { head, body: Buffer.concat(chunks).toString() }
}
