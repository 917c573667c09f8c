import { readFileSync } from 'node:fs'

/** Version of the package, read from its manifest: one place to say it, beside sources and bundle alike. */
export const version: string = readVersion()

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? 'unknown'
}
