import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './root.mjs'
import { mapLimited } from './map-limited.mjs'
import { packAll } from './pack.mjs'
import { bin, run } from './run.mjs'
import { usePacked } from './use-packed.mjs'

/** @typedef {import('./pack.mjs').PackedPackage} PackedPackage */

/** What npm shows and finds a package by. */
const shown = ['description', 'keywords', 'homepage', 'bugs', 'repository', 'license']
const installScripts = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']

/**
 * What a tarball must hold and must not, beyond what publint and attw look at.
 * @param {Pick<PackedPackage, 'name' | 'files' | 'entry'>} packed
 * @returns {string[]}
 */
export function findPackingFaults({ name, files, entry }) {
  const missing = ['README.md', 'LICENSE'].filter((file) => !files.includes(file))
  const extra = files.filter(
    (file) =>
      !/^(dist\/(?!single\/)|schema\/[\w.-]+\.json$|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(
        file,
      ),
  )
  const untold = shown.filter((field) => !(field in entry.manifest))
  const scripts = Object.keys(entry.manifest.scripts ?? {})
  return [
    ...missing.map((file) => `${name} is packed without ${file}`),
    ...untold.map((field) => `${name} does not tell its ${field}`),
    ...extra.map((file) => `${name} is packed with ${file}`),
    ...scripts
      .filter((script) => installScripts.includes(script))
      .map((script) => `${name} runs ${script} at its users`),
  ]
}

/** Packs every public package, holds the tarballs against publint, attw and our own rules, and uses them as a stranger does. */
export async function checkPackages() {
  const folder = await mkdtemp(join(tmpdir(), 'hfx-pack-'))
  try {
    const packed = await packAll(folder)
    const reports = await mapLimited(packed, 2, checkOne)
    const faults = reports.flat()
    if (faults.length > 0) throw new Error(faults.join('\n'))
    console.log(`${packed.length} packages pass publint and attw`)
    await usePacked(packed, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @param {PackedPackage} packed */
async function checkOne(packed) {
  const options = { cwd: root, quiet: true, capture: true }
  const faults = findPackingFaults(packed)
  const judged = [run(bin('publint'), [packed.tarball, '--strict'], options)]
  // A package without `exports` has only a bin: there are no types to get wrong.
  if (!packed.entry.isApp) {
    judged.push(
      run(bin('attw'), [packed.tarball, '--profile', 'esm-only', '--format', 'ascii'], options),
    )
  }
  const results = await Promise.allSettled(judged)
  return [
    ...faults,
    ...results.flatMap((result) =>
      result.status === 'rejected' ? [String(result.reason.message)] : [],
    ),
  ]
}
