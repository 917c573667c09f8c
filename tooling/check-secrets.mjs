import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'
import { listTracked } from './tracked-files.mjs'

// Written with a class in each word, so that this file does not find itself.
const kinds = /** @type {const} */ ([
  ['a package registry', /\bregistr[y]\.[a-z]+\.(?:org|com)|\bde[b]\.[a-z]+\.org/],
  ['a path of one machine', /\/wor[k]\/(?:main|steering|shared|\.library)\b|\/roo[t]\//],
  ['a Hub token', /\bh[f]_[A-Za-z]{34}\b/],
  ['an npm token', /\bnp[m]_[A-Za-z0-9]{36}\b|_auth[T]oken\s*=\s*[^\s$]/],
  ['a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pa[t]_\w{22}/],
  ['an AWS key', /\bAKI[A][0-9A-Z]{16}\b/],
  ['a private key', /-----BEGI[N] (?:[A-Z]+ )?PRIVATE KEY-----/],
])

/** Keys of test servers and clients: known to everyone, trusted by no one. */
const testKeys = /^packages\/[^/]+\/test\/fixtures\/.*\.pem$/

/**
 * What must not be in a repository: credentials, and names that exist on one machine only.
 * @param {string} path
 * @param {string} text
 * @returns {string[]}
 */
export function findSecrets(path, text) {
  return text
    .split('\n')
    .flatMap((line, index) =>
      kinds
        .filter(
          ([kind, pattern]) =>
            pattern.test(line) && !(kind === 'a private key' && testKeys.test(path)),
        )
        .map(([kind]) => `${path}:${index + 1} holds ${kind}`),
    )
}

/** No tracked file holds a credential, a registry host or a machine's own path. */
export async function checkSecrets() {
  const paths = listTracked()
  const found = paths.flatMap((path) => findSecrets(path, readFileSync(join(root, path), 'utf8')))
  if (found.length > 0) throw new Error(found.join('\n'))
  console.log(`${paths.length} files hold no credential, registry host or machine path`)
}
