import { sumFiles, walkDependencies } from './runtime-dependencies.mjs'

/** @typedef {import('../workspace.mjs').WorkspacePackage} WorkspacePackage */
/** @typedef {import('./runtime-dependencies.mjs').Installed} Installed */

/**
 * Why each npm package is worth its place. Whoever adds a dependency adds a line here.
 * @type {Readonly<Record<string, string>>}
 */
const reasons = {
  '@bomb.sh/tab': 'shell completion for bash, zsh, fish and PowerShell from one description',
  '@clack/prompts': 'questions on a terminal that can be cancelled and skipped',
  commander: 'the argument parser that others have already debugged',
  eventemitter3: 'the event bus: smaller and faster than `node:events`, and works in browsers',
  'smol-toml': 'reads TOML config files',
  'string-width': 'how many columns a text takes on a terminal, wide letters and emoji included',
  undici:
    'the HTTP client inside Node, at the level where bytes arrive without copies; newer than the copy in Node 20',
  valibot: 'checks config files and options, with messages; only what is used gets bundled',
  yaml: 'reads YAML config files',
}

/** Licences that a user of an Apache-2.0 program may take along without further duties than naming them. */
const allowedLicenses = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Unlicense',
]

/**
 * @param {readonly WorkspacePackage[]} entries
 * @returns {string[]} dependencies without a reason, and licences we do not take
 */
export function findDependencyFaults(entries) {
  const direct = entries.flatMap((entry) =>
    directOf(entry).map((name) => [entry.manifest.name, name]),
  )
  const all = entries.flatMap((entry) => [
    ...walkDependencies(entry.folder, entry.manifest).values(),
  ])
  const unused = Object.keys(reasons).filter((name) => !direct.some(([, used]) => used === name))
  return [
    ...unused.map(
      (name) =>
        `tooling/docs/dependency-table.mjs gives a reason for ${name}, which nothing depends on`,
    ),
    ...direct
      .filter(([, name]) => reasons[name ?? ''] === undefined)
      .map(
        ([from, name]) =>
          `${from} depends on ${name}, and tooling/docs/dependency-table.mjs does not say why`,
      ),
    ...all
      .filter((dep) => !isAllowed(dep.license))
      .map((dep) => `${dep.name} ${dep.version} has the licence ${dep.license}`),
  ]
}

/** @param {string} license an SPDX expression */
export function isAllowed(license) {
  const choices = license.replaceAll(/[()]/g, '').split(' OR ')
  return choices.some((choice) =>
    choice.split(' AND ').every((name) => allowedLicenses.includes(name.trim())),
  )
}

/** @param {WorkspacePackage} entry */
function directOf(entry) {
  const { dependencies = {}, optionalDependencies = {} } = entry.manifest
  return Object.keys({ ...dependencies, ...optionalDependencies }).filter(
    (name) => !name.startsWith('@hfx/'),
  )
}

/**
 * One row per runtime dependency, and one per package with what installing it brings.
 * @param {readonly WorkspacePackage[]} entries
 */
export function renderDependencies(entries) {
  return [...renderPackages(entries), '', ...renderDirect(entries)].join('\n')
}

/** @param {readonly WorkspacePackage[]} entries */
function renderPackages(entries) {
  const rows = entries.map((entry) => {
    const all = [...walkDependencies(entry.folder, entry.manifest).values()]
    return `| ${entry.manifest.name} | ${all.length} | ${formatKilobytes(all)} | ${directOf(entry).join(', ') || '–'} |`
  })
  return [
    '| package | npm packages it brings | their size, unpacked | asked for directly |',
    '| --- | ---: | ---: | --- |',
    ...rows,
  ]
}

/** @param {readonly WorkspacePackage[]} entries */
function renderDirect(entries) {
  const owners = new Map(entries.flatMap((entry) => directOf(entry).map((name) => [name, entry])))
  const rows = [...owners]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, entry]) => {
      const manifest = { name: '', version: '', dependencies: { [name]: '*' } }
      const all = [...walkDependencies(entry.folder, manifest).values()]
      const own = all.find((dep) => dep.name === name)
      return `| ${name} | ${own?.version} | ${own?.license} | ${formatKilobytes(all)} | ${all.length - 1} | ${reasons[name] ?? ''} |`
    })
  return [
    '| dependency | version | licence | size with all it brings | brings | why |',
    '| --- | --- | --- | ---: | ---: | --- |',
    ...rows,
  ]
}

/** @param {readonly Installed[]} all */
function formatKilobytes(all) {
  const bytes = all.reduce((sum, dep) => sum + sumFiles(dep.folder), 0)
  return `${Math.ceil(bytes / 1000)} kB`
}
