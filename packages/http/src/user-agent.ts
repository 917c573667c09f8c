import { readFileSync } from 'node:fs'

/** `hfx/1.2.0; node/20.20.2; my-tool/1.0`: products joined as the Hub's clients do it. */
export function productTokens(extra: string): string {
  const own = [`hfx/${ownVersion()}`, `node/${process.versions.node}`]
  return [...own, ...(extra === '' ? [] : [extra])].join('; ').replace(/[^\x20-\x7e]/g, '')
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  const hasVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return hasVersion ? String(manifest.version) : '0.0.0'
}
