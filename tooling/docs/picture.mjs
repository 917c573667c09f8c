import { floors } from '../floors.mjs'

/** @typedef {import('../workspace.mjs').WorkspacePackage} WorkspacePackage */

/** @param {WorkspacePackage} entry */
const nameOf = (entry) => entry.path.split('/')[1] ?? ''

/**
 * The floors and who depends on whom, as a Mermaid flowchart. Every package has an arrow to core: one stands for all.
 * Apps that use no package are left out.
 * @param {readonly WorkspacePackage[]} entries
 */
export function renderPicture(entries) {
  const apps = entries.filter((entry) => entry.isApp && usedBy(entry).length > 0).map(nameOf)
  const rows = [...floors, apps]
  const titles = ['dictionary', 'neighbours, each one role', 'the flows', 'the container', 'apps']
  return [
    '```mermaid',
    'flowchart TD',
    ...rows
      .map((row, floor) => renderFloor(floor, titles[floor] ?? '', row))
      .toReversed()
      .flat(),
    ...entries.flatMap(renderArrows),
    '  api -. all .-> core',
    '```',
  ].join('\n')
}

/**
 * @param {number} floor
 * @param {string} title
 * @param {readonly string[]} names
 */
function renderFloor(floor, title, names) {
  return [
    `  subgraph floor${floor}["${floor} · ${title}"]`,
    ...names.map((name) => `    ${name}`),
    '  end',
  ]
}

/** @param {WorkspacePackage} entry */
function renderArrows(entry) {
  return usedBy(entry)
    .filter((name) => name !== 'core')
    .map((name) => `  ${nameOf(entry)} --> ${name}`)
}

/** Packages of the house that another one imports. @param {WorkspacePackage} entry */
function usedBy(entry) {
  return Object.keys(entry.manifest.dependencies ?? {})
    .filter((dep) => dep.startsWith('@hfx/'))
    .map((dep) => dep.slice('@hfx/'.length))
    .toSorted()
}
