import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const block = 512

/**
 * Paths inside a gzipped tarball, without its `package/` folder. Names as npm and pnpm write them: plain ustar.
 * @param {string} path
 * @returns {string[]}
 */
export function listTarball(path) {
  const bytes = gunzipSync(readFileSync(path))
  const names = []
  for (let at = 0; at + block <= bytes.length && bytes[at] !== 0;) {
    const text = (/** @type {number} */ from, /** @type {number} */ length) =>
      bytes.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '')
    const sizeBytes = Number.parseInt(text(124, 12), 8) || 0
    const name = [text(345, 155), text(0, 100)].filter((part) => part !== '').join('/')
    const isFile = text(156, 1) === '0' || text(156, 1) === ''
    if (isFile) names.push(name.replace(/^package\//, ''))
    at += block + Math.ceil(sizeBytes / block) * block
  }
  return names
}
