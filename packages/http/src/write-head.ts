import type { WireRequest } from './wire.ts'

/** A request up to its body. @throws TypeError for a header that would end its line */
export function writeHead({ method, url, headers, body }: WireRequest): string {
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `host: ${url.host}`]
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(name) || !/^[\t\x20-\x7E\x80-\xFF]*$/.test(value))
      throw new TypeError(`the header ${JSON.stringify(name)} cannot be sent`)
    if (name !== 'host') lines.push(`${name}: ${value}`)
  }
  lines.push('connection: keep-alive')
  if (body !== undefined) lines.push(`content-length: ${Buffer.byteLength(body)}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
