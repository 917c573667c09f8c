import { connect } from 'node:net'

export interface RawAnswer {
  readonly head: string
  readonly body: Buffer
  /** How the connection ended, or `idle` when nothing came for `idleMs` and this side hung up. */
  readonly ending: 'closed' | 'reset' | 'idle'
  /** Bytes of the body and when they arrived, in milliseconds after the request. */
  readonly arrivals: readonly { readonly atMs: number; readonly bytes: number }[]
}

/** One request over a socket of its own, byte for byte, without any client's kindness. */
export function requestRaw(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  options: { readonly method?: string; readonly idleMs?: number } = {},
): Promise<RawAnswer> {
  const { hostname, port, pathname, search } = new URL(url)
  const { method = 'GET', idleMs = 150 } = options
  const lines = Object.entries({ Host: `${hostname}:${port}`, ...headers })
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const arrivals: { atMs: number; bytes: number }[] = []
    const socket = connect(Number(port), hostname)
    const startedAt = performance.now()
    const finish = (ending: RawAnswer['ending']): void => {
      socket.destroy()
      const all = Buffer.concat(chunks)
      const at = all.indexOf('\r\n\r\n')
      const cut = at < 0 ? all.length : at
      resolve({
        head: all.subarray(0, cut).toString(),
        body: all.subarray(cut + 4),
        ending,
        arrivals,
      })
    }
    socket.setTimeout(idleMs, () => finish('idle'))
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      arrivals.push({ atMs: performance.now() - startedAt, bytes: chunk.length })
    })
    socket.on('end', () => finish('closed'))
    socket.on('error', () => finish('reset'))
    socket.write(`${method} ${pathname}${search} HTTP/1.1\r\n${text}\r\n`)
  })
}

/** Value of a header in a raw head. */
export function headerOf(head: string, name: string): string | undefined {
  const line = head.split('\r\n').find((one) => one.toLowerCase().startsWith(`${name}:`))
  return line?.slice(name.length + 1).trim()
}
