import { getEventListeners, once } from 'node:events'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createHttp } from '../src/index.ts'
import { ask, listen, open, request, serve, serveRaw } from './support/open-wire.ts'

describe.each(['lean', 'undici'] as const)('the connections of the %s wire', (name) => {
  it('leaves nothing on a signal that outlives it', async () => {
    const url = await serve((_, response) => response.end('x'))
    const { signal } = new AbortController()
    const wire = open(name)
    for (let index = 0; index < 3; index++) await ask(wire, request(url, { signal }))
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

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
  it('has not ended while the taker holds its last bytes, also when the server has gone', async () => {
    const url = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole'),
    )
    let go: (() => void) | undefined
    let over = false
    const done = open('lean')
      .exchange(request(url), () => (_chunk, resume) => {
        go = resume
        return 'pause'
      })
      .then(() => (over = true))
    await expect.poll(() => go).toBeDefined()
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(over).toBe(false)
    go?.()
    expect(await done).toBe(true)
  })

  it('gives the place of a resting connection to a fresh one where no more are allowed', async () => {
    const sockets: Socket[] = []
    // One that closes no resting connection.
    const url = await serveRaw((socket) => {
      sockets.push(socket)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx')
    })
    const wire = open('lean', { maxSockets: 1 })
    await ask(wire, request(url))
    await ask(wire, request(url, { fresh: true }))
    await ask(wire, request(url))
    expect(sockets[1]).not.toBe(sockets[0])
    expect(sockets[2]).toBe(sockets[1])
    await expect.poll(() => sockets[0]?.destroyed).toBe(true)
    // It would end by itself after a quarter of a minute.
  }, 10_000)

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
