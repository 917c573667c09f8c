import manifest from '../package.json' with { type: 'json' }

/** `hfx/1.2.0; node/20.20.2; my-tool/1.0`: products joined as the Hub's clients do it. */
export function productTokens(extra: string): string {
  const own = [`hfx/${manifest.version}`, `node/${process.versions.node}`]
  return [...own, ...(extra === '' ? [] : [extra])].join('; ').replace(/[^\x20-\x7e]/g, '')
}
