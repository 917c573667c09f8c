import { floors } from '../floors.mjs'

/** @typedef {import('../workspace.mjs').WorkspacePackage} WorkspacePackage */

/** @param {WorkspacePackage} entry */
const nameOf = (entry) => entry.path.split('/')[1] ?? ''

/**
 * The floors and who depends on whom, as a Mermaid flowchart. Arrows to core are left out: every package has one.
 * @param {readonly WorkspacePackage[]} entries
 */
export function renderPicture(entries) {
  const apps = entries.filter((entry) => entry.isApp).map(nameOf)
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
  return Object.keys(entry.manifest.dependencies ?? {})
    .filter((dep) => dep.startsWith('@hfx/') && dep !== '@hfx/core')
    .toSorted()
    .map((dep) => `  ${nameOf(entry)} --> ${dep.slice('@hfx/'.length)}`)
}
