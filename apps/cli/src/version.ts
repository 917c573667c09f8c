import { createRequire } from 'node:module'

const manifest: { readonly version: string } = createRequire(import.meta.url)('../package.json')

/** Version of this command and, as the house releases in lockstep, of every package in it. */
export const version: string = manifest.version
