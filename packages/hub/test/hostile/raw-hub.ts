import { createServer } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { useServer } from '@hfx/testing'

export interface RawHub {
  readonly url: string
  /** Paths that were asked for. */
  readonly requests: readonly string[]
}

export interface RawAnswer {
  /** @default 200 */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** The commit that such a Hub names for every revision. */
export const anyCommit = '0123456789abcdef0123456789abcdef01234567'

/** A Hub of which some answers are our own, by a part of their path; every revision is {@link anyCommit}. */
export async function createHub(
  answers: Readonly<Record<string, RawAnswer | ((url: string) => RawAnswer)>>,
): Promise<RawHub> {
  const requests: string[] = []
  const base: typeof answers = {
    '/revision/': { body: JSON.stringify({ sha: anyCommit, id: 'evil/repo' }) },
  }
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    requests.push(path)
    const found = Object.entries({ ...answers, ...base }).find(([part]) => path.includes(part))
    if (!found) return void response.writeHead(404).end()
    const answer =
      typeof found[1] === 'function'
        ? found[1](`http://${request.headers.host ?? ''}${path}`)
        : found[1]
    response.writeHead(answer.status ?? 200, answer.headers ?? {}).end(answer.body)
  })
  return { url: `http://127.0.0.1:${await useServer(server)}`, requests }
}

/** A server that writes what it likes, once a request has begun. */
export async function serveRaw(answer: (socket: Socket, request: string) => void): Promise<RawHub> {
  const requests: string[] = []
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1')
      requests.push(text.split(' ')[1] ?? '')
      answer(socket, text)
    })
  })
  return { url: `http://127.0.0.1:${await useServer(server)}`, requests }
}
