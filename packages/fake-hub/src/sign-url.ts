import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Clock } from '@hfx/core'
import { encodePart } from './hub-request.ts'

/** Signs and checks the data origin's URLs. */
export interface UrlSigner {
  /** `path?…&Expires=…&Signature=…`; `lifeMs` may be negative for a URL that is expired already. Expires is in seconds. */
  sign(path: string, query: Readonly<Record<string, string>>, lifeMs: number): string
  check(rawPath: string, query: URLSearchParams): 'valid' | 'expired' | 'forged'
}

export function createUrlSigner(clock: Clock, secret: string): UrlSigner {
  const signatureOf = (text: string): string =>
    createHmac('sha256', secret).update(text).digest('hex')
  return {
    sign(path, query, lifeMs) {
      const all = { ...query, Expires: String(Math.ceil((clock.now() + lifeMs) / 1000)) }
      const text = `${path}?${formatQuery(Object.entries(all))}`
      return `${text}&Signature=${signatureOf(text)}`
    },
    check(rawPath, query) {
      const given = query.get('Signature') ?? ''
      const rest = [...query].filter(([name]) => name !== 'Signature')
      if (!sameText(given, signatureOf(`${rawPath}?${formatQuery(rest)}`))) return 'forged'
      return clock.now() / 1000 < Number(query.get('Expires')) ? 'valid' : 'expired'
    },
  }
}

function formatQuery(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([name, value]) => `${encodePart(name)}=${encodePart(value)}`).join('&')
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
