import { once } from 'node:events'
import { createServer as createTcpServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { BodyTaker, Wire, WireHead } from '../src/wire.ts'
import { ask, listen, open, request, serve, serveRaw } from './support/open-wire.ts'

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

  it('a body that comes in drops is not silent, however long it takes', async () => {
    const url = await serve((_, response) => {
      let drops = 0
      const timer = setInterval(() => {
        drops += 1
        if (drops < 15) return response.write('x')
        clearInterval(timer)
        return response.end()
      }, 100)
    })
    const wire = open(name, { timeouts: { idleMs: 900 } })
    expect((await ask(wire, request(url))).body).toBe('x'.repeat(14))
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
    await expectCutByClosing(open(name), url)
  })

  it('does not take a body for whole that its own closing has cut', async () => {
    const url = await serveRaw((socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nto be contin'))
    await expectCutByClosing(open(name), url)
  })
})

/** Closes the wire at the first bytes of an answer. */
async function expectCutByClosing(wire: Wire, url: URL): Promise<void> {
  let close: Promise<void> | undefined
  const running = wire.exchange(request(url), () => () => {
    close ??= wire.close()
    return 'more'
  })
  await expect(running).rejects.toMatchObject({ code: 'HUB_CONNECTION_LOST' })
  await close
}
