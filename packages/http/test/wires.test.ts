import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { useServer } from '@hfx/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { createUndiciWire } from '../src/dispatch.ts'
import { createFetchWire } from '../src/fetch-wire.ts'
import { createLeanWire } from '../src/lean-wire.ts'
import { type HttpOptions, resolveHttpOptions } from '../src/options.ts'
import type { BodyTaker, Wire, WireHead, WireRequest } from '../src/wire.ts'
import { createHttp } from '../src/index.ts'

const makers = {
  lean: (options: HttpOptions) => {
    const resolved = resolveHttpOptions(options)
    return createLeanWire(resolved, createUndiciWire(resolved))
  },
  undici: (options: HttpOptions) => createUndiciWire(resolveHttpOptions(options)),
  fetch: (options: HttpOptions) => createFetchWire(fetch, resolveHttpOptions(options)),
}

async function listen(server: Server): Promise<URL> {
  return new URL(`http://127.0.0.1:${await useServer(server)}/a?b=1`)
}

function serve(listener: RequestListener): Promise<URL> {
  return listen(createServer(listener))
}

/** A server that writes what it likes when a request comes. */
function serveRaw(answer: (socket: Socket, count: number) => void): Promise<URL> {
  let count = 0
  return listen(
    createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', () => answer(socket, (count += 1)))
    }),
  )
}

const wires: Wire[] = []
afterEach(() => Promise.all(wires.splice(0).map((wire) => wire.close())))

function open(name: keyof typeof makers, options: HttpOptions = {}): Wire {
  const wire = makers[name](options)
  wires.push(wire)
  return wire
}

function request(url: URL, more: Partial<WireRequest> = {}): WireRequest {
  return { method: 'GET', url, headers: { accept: '*/*' }, fresh: false, follow: false, ...more }
}

interface Answer {
  readonly head: WireHead
  readonly body: string
}

async function ask(wire: Wire, wanted: WireRequest): Promise<Answer> {
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

describe.each(['lean', 'undici', 'fetch'] as const)('the %s wire', (name) => {
  it('sends method, path, headers and body, and gives head and body back', async () => {
    const url = await serve((incoming, response) => {
      void incoming.toArray().then((parts: Buffer[]) => {
        response.setHeader('X-Seen', `${incoming.method} ${incoming.url}`)
        response.end(`${incoming.headers['accept']} ${Buffer.concat(parts).toString()}`)
      })
    })
    const answer = await ask(open(name), request(url, { method: 'POST', body: 'grüße' }))
    expect(answer.head.headers['x-seen']).toBe('POST /a?b=1')
    expect(answer.body).toBe('*/* grüße')
    const head = await ask(open(name), request(url, { method: 'HEAD' }))
    expect(head).toMatchObject({ body: '', head: { status: 200 } })
  })

  it('sends the value of a header byte for byte', async () => {
    const url = await serve((incoming, response) => response.end(incoming.headers['x-note']))
    const sent = request(url, { headers: { 'x-note': 'caf\u00E9' } })
    // Node reads header bytes as latin1, too, and writes them here as UTF-8.
    expect((await ask(open(name), sent)).body).toBe('caf\u00E9')
  })

  it('reads chunks, and a body that ends with the connection', async () => {
    const url = await serve((_, response) => {
      response.write('one ')
      setImmediate(() => response.end('two'))
    })
    expect((await ask(open(name), request(url))).body).toBe('one two')
    const raw = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nto the end'))
    expect((await ask(open(name), request(raw))).body).toBe('to the end')
  })

  it('holds the connection while the taker is full, and ends only when it goes on', async () => {
    const url = await serve((_, response) => response.end('x'.repeat(300_000)))
    let received = 0
    let go: (() => void) | undefined
    let over = false
    const done = open(name)
      .exchange(request(url), () => (chunk, resume) => {
        received += chunk.length
        go = resume
        return 'pause'
      })
      .then(() => (over = true))
    await expect.poll(() => go).toBeDefined()
    const first = received
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect([received, over]).toEqual([first, false])
    const timer = setInterval(() => go?.(), 1)
    await done.finally(() => clearInterval(timer))
    expect(received).toBe(300_000)
  })

  it('a connection that the taker holds is not silent, however long', async () => {
    const url = await serve((_, response) => response.end('x'.repeat(3_000_000)))
    let received = 0
    let isHeld = false
    await open(name, { timeouts: { idleMs: 60 } }).exchange(request(url), () => (chunk, resume) => {
      received += chunk.length
      if (isHeld) return 'more'
      isHeld = true
      setTimeout(resume, 400)
      return 'pause'
    })
    expect(received).toBe(3_000_000)
  })

  it('goes on when the taker asks for that before its call has come back', async () => {
    const url = await serve((_, response) => response.end('x'.repeat(300_000)))
    let received = 0
    await open(name).exchange(request(url), () => (chunk, resume) => {
      received += chunk.length
      resume()
      return 'pause'
    })
    expect(received).toBe(300_000)
  })

  it.each<[string, (head: WireHead) => BodyTaker]>([
    [
      'the head is refused',
      () => {
        throw new Error('not this')
      },
    ],
    [
      'a chunk is refused',
      () => () => {
        throw new Error('not this')
      },
    ],
  ])('rejects with what was thrown when %s', async (_what, onHead) => {
    const url = await serve((_, response) => response.end('x'.repeat(100_000)))
    await expect(open(name).exchange(request(url), onHead)).rejects.toThrow('not this')
  })

  it('ends well, and the connection with it, when the taker has enough', async () => {
    const closed: Promise<unknown>[] = []
    const url = await serve((incoming, response) => {
      closed.push(once(incoming.socket, 'close'))
      response.write('x')
    })
    await open(name).exchange(request(url), () => () => 'enough')
    expect(closed).toHaveLength(1)
    await Promise.all(closed)
  })

  it('NO-2: rejects with the reason of the abort, before and inside an answer', async () => {
    const url = await serve((_, response) => void response.write('x'))
    const controller = new AbortController()
    const reason = new Error('enough of it')
    const waiting = open(name).exchange(request(url, { signal: controller.signal }), () => () => {
      controller.abort(reason)
      return 'more'
    })
    await expect(waiting).rejects.toBe(reason)
    await expect(ask(open(name), request(url, { signal: AbortSignal.abort(reason) }))).rejects.toBe(
      reason,
    )
  })

  it.each([
    [
      'the answer is cut short',
      'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc',
      'HUB_CONNECTION_LOST',
    ],
    ['nothing comes', '', 'HUB_CONNECTION_LOST'],
    ['something else comes', 'SSH-2.0-OpenSSH\r\n', 'HUB_BAD_RESPONSE'],
  ])('names it when %s', async (_what, text, code) => {
    const url = await serveRaw((socket) => socket.end(text))
    await expect(ask(open(name), request(url))).rejects.toMatchObject({ code })
  })

  it('names a server that is not there, and one that is silent', async () => {
    const gone = createTcpServer()
    const url = await listen(gone)
    gone.close()
    await expect(ask(open(name), request(url))).rejects.toMatchObject({
      code: 'HUB_CONNECT_FAILED',
    })
    const silent = await serveRaw(() => {})
    const wire = open(name, { timeouts: { headersMs: 30 } })
    await expect(ask(wire, request(silent))).rejects.toMatchObject({ code: 'HUB_TIMEOUT' })
  })

  it('ends running exchanges when it closes', async () => {
    const url = await serve((_, response) => void response.write('x'))
    const wire = open(name)
    let close: Promise<void> | undefined
    const running = wire.exchange(request(url), () => () => {
      close ??= wire.close()
      return 'more'
    })
    await expect(running).rejects.toMatchObject({ code: 'HUB_CONNECTION_LOST' })
    await close
  })
})

describe.each(['lean', 'undici'] as const)('the connections of the %s wire', (name) => {
  it('uses a connection again, except for a fresh one', async () => {
    const sockets = new Set<Socket>()
    const url = await serve((incoming, response) => {
      sockets.add(incoming.socket)
      response.end('x')
    })
    const wire = open(name)
    for (let index = 0; index < 3; index++) await ask(wire, request(url))
    const before = sockets.size
    expect(before).toBeLessThan(3)
    await ask(wire, request(url, { fresh: true }))
    expect(sockets.size).toBe(before + 1)
  })

  it('never opens more connections than allowed', async () => {
    const sockets = new Set<Socket>()
    const url = await serve((incoming, response) => {
      sockets.add(incoming.socket)
      setTimeout(() => response.end('x'), 5)
    })
    const wire = open(name, { maxSockets: 2 })
    await Promise.all(Array.from({ length: 10 }, () => ask(wire, request(url))))
    expect(sockets.size).toBe(2)
  })

  it('lets the next one have the place of one that broke', async () => {
    const url = await serveRaw((socket, count) => {
      if (count === 1) socket.resetAndDestroy()
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx')
    })
    const wire = open(name, { maxSockets: 1 })
    const [first, second] = await Promise.allSettled([
      ask(wire, request(url)),
      ask(wire, request(url)),
    ])
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'HUB_CONNECTION_LOST' } })
    expect(second).toMatchObject({ status: 'fulfilled', value: { body: 'x' } })
  })

  it('lets the next one have the place of one that could not be opened', async () => {
    const server = createTcpServer()
    const url = await listen(server)
    server.close()
    const wire = open(name, { maxSockets: 1 })
    for (let index = 0; index < 3; index++)
      await expect(ask(wire, request(url))).rejects.toMatchObject({ code: 'HUB_CONNECT_FAILED' })
  })

  it('lets the next one have the place of a request that is aborted before it is sent', async () => {
    const url = await serve((_, response) => response.end('x'))
    const wire = open(name, { maxSockets: 1 })
    const stop = new AbortController()
    const first = ask(wire, request(url, { signal: stop.signal }))
    const second = ask(wire, request(url))
    stop.abort('enough')
    await expect(first).rejects.toBe('enough')
    expect((await second).body).toBe('x')
  })
})

describe('a resting connection of the lean wire', () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx'

  it('that the server closes is not used again, not even tried by a POST', async () => {
    const closed: Promise<unknown>[] = []
    const url = await serve((incoming, response) => {
      closed.push(once(incoming.socket, 'close'))
      response.end('x', () => incoming.socket.end())
    })
    const wire = open('lean')
    await ask(wire, request(url))
    await closed[0]
    expect((await ask(wire, request(url, { method: 'POST' }))).body).toBe('x')
  })

  it('on which the server speaks without being asked is closed; nothing of that reaches the next answer', async () => {
    const sockets: Socket[] = []
    const url = await serveRaw((socket, count) => {
      sockets.push(socket)
      socket.write(answer)
      if (count === 1) setTimeout(() => socket.write(answer.replace(/x$/, 'y')), 20)
    })
    const wire = open('lean')
    await ask(wire, request(url))
    await expect.poll(() => sockets[0]?.destroyed, { timeout: 10_000 }).toBe(true)
    expect((await ask(wire, request(url))).body).toBe('x')
    expect(sockets[1]).not.toBe(sockets[0])
  })
})

describe('the lean wire alone', () => {
  it('gives the place of a resting connection to a fresh one where no more are allowed', async () => {
    const sockets: Socket[] = []
    const url = await serve((incoming, response) => {
      sockets.push(incoming.socket)
      response.end('x')
    })
    const wire = open('lean', { maxSockets: 1 })
    await ask(wire, request(url))
    await ask(wire, request(url, { fresh: true }))
    await ask(wire, request(url))
    expect(sockets[1]).not.toBe(sockets[0])
    expect(sockets[2]).toBe(sockets[1])
    await expect.poll(() => sockets[0]?.destroyed).toBe(true)
  })

  it('asks again, once, when a resting connection was closed as it was used', async () => {
    const url = await serveRaw((socket, count) => {
      if (count === 2) socket.destroy()
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx')
    })
    const wire = open('lean')
    await ask(wire, request(url))
    expect((await ask(wire, request(url))).body).toBe('x')
  })

  it('never sends a POST twice', async () => {
    let posts = 0
    const url = await serveRaw((socket, count) => {
      if (count > 1) {
        posts += 1
        socket.destroy()
      } else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx')
    })
    const wire = open('lean')
    await ask(wire, request(url))
    await expect(ask(wire, request(url, { method: 'POST' }))).rejects.toMatchObject({
      code: 'HUB_CONNECTION_LOST',
    })
    expect(posts).toBe(1)
  })

  it('gives memory out again only when it was released', async () => {
    const size = 4 * 1024 ** 2
    const url = await serve((_, response) => response.end(Buffer.alloc(size, 7)))
    const wire = open('lean')
    const memories = async (release: boolean): Promise<number> => {
      const seen = new Set<ArrayBufferLike>()
      const kept: Uint8Array[] = []
      await wire.exchange(request(url), (head) => (chunk) => {
        seen.add(chunk.buffer)
        if (release) head.release?.(chunk)
        else kept.push(chunk)
        return 'more'
      })
      expect(kept.every((chunk) => chunk.every((byte) => byte === 7))).toBe(true)
      return seen.size
    }
    expect(await memories(false)).toBeGreaterThanOrEqual(8)
    expect(await memories(true)).toBeLessThan(6)
  })

  it('refuses a header that would end its line', async () => {
    const url = await serve((_, response) => response.end())
    const headers = { 'x-a': '1\r\nx-b: 2' }
    await expect(ask(open('lean'), request(url, { headers }))).rejects.toThrow(TypeError)
  })

  it('leanSockets: false leaves everything to undici', async () => {
    const names: (string | undefined)[] = []
    const url = await serve((incoming, response) => {
      names.push(incoming.rawHeaders[2]?.toLowerCase())
      response.end('{}')
    })
    for (const leanSockets of [true, false]) {
      const http = createHttp({ endpoint: url.origin, leanSockets })
      await http.transport.send({ method: 'GET', url: url.href })
      await http.close()
    }
    expect(names[0]).not.toBe('connection')
    expect(names[1]).toBe('connection')
  })
})
