import { randomUUID } from 'node:crypto'
import manifest from '../package.json' with { type: 'json' }

/** `hfx/1.2.0; node/20.20.2; my-tool/1.0`: products joined as the Hub's clients do it. */
function productTokens(extra: string): string {
  const own = [`hfx/${manifest.version}`, `node/${process.versions.node}`]
  return [...own, ...(extra === '' ? [] : [extra])].join('; ').replace(/[^\x20-\x7e]/g, '')
}

/** What each request says of itself: who sends it, and a name that a server can find it by. */
export function createOwnHeaders(userAgent: string): () => Record<string, string> {
  const tokens = productTokens(userAgent)
  return () => ({ 'user-agent': tokens, 'x-amzn-trace-id': randomUUID() })
}
