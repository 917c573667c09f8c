import { builtinModules } from 'node:module'
import { doors, floors, forBrowsers, forTests, npm } from './floors.mjs'
import { listEntryPoints, listWorkspace } from './workspace.mjs'

/** @typedef {import('dependency-cruiser').IForbiddenRuleType} Rule */

const packages = floors.flat()

/** @param {readonly string[]} names */
const sourcesOf = (names) => `^packages/(${names.join('|')})/src/`

/**
 * Every dependency rule of the house, from the table in `floors.mjs`.
 * @returns {Rule[]}
 */
export function createCruiserRules() {
  return [
    ...packages.map(floorRule),
    ...packages.map(npmRule),
    ...Object.entries(doors).map(doorRule),
    deepRule(),
    ...rulesForAll,
  ]
}

/** @param {string} name @returns {Rule} */
function floorRule(name) {
  const floor = floors.findIndex((row) => row.includes(name))
  const allowed = [...floors.slice(0, floor).flat(), name]
  return {
    name: `floor-${floor}-${name}`,
    severity: 'error',
    comment: `${name} may import only: ${allowed.join(', ')}`,
    from: { path: sourcesOf([name]) },
    to: { path: '^packages/', pathNot: [sourcesOf(allowed), `^packages/${name}/package\\.json$`] },
  }
}

/** @param {string} name @returns {Rule} */
function npmRule(name) {
  const allowed = npm[name] ?? []
  return {
    name: `npm-${name}`,
    severity: 'error',
    comment: `${name} may use: ${allowed.join(', ') || 'no npm package'}`,
    from: { path: sourcesOf([name]) },
    to: {
      dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg', 'npm-unknown'],
      pathNot: [...allowed.map((dep) => `node_modules/${dep}/`), '^packages/[^/]+/src/'],
    },
  }
}

/** @param {[string, string]} door @returns {Rule} */
function doorRule([dep, file]) {
  return {
    name: `door-${dep}`,
    severity: 'error',
    comment: `${dep} enters only through ${file}`,
    from: { path: '^packages/[^/]+/src/', pathNot: `^${file.replaceAll('.', '\\.')}$` },
    to: { path: `node_modules/${dep}/` },
  }
}

/** @returns {Rule} */
function deepRule() {
  const entrances = listWorkspace()
    .filter((entry) => !entry.isApp)
    .flatMap((entry) => listEntryPoints(entry).map(({ source }) => `${entry.path}/${source}`))
  return {
    name: 'no-deep-imports',
    severity: 'error',
    comment: 'a package is entered through what it exports',
    from: { path: '^(packages|apps)/([^/]+)/' },
    to: {
      path: '^packages/',
      pathNot: ['^$1/$2/', ...entrances.map((file) => `^${file.replaceAll('.', '\\.')}$`)],
    },
  }
}

/** @type {Rule[]} */
const rulesForAll = [
  {
    name: 'no-cycles',
    severity: 'error',
    comment: 'types may know each other; values that wait for each other may be undefined',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'no-imports-of-apps',
    severity: 'error',
    from: { path: '^packages/' },
    to: { path: '^apps/' },
  },
  { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  {
    name: 'no-undeclared',
    severity: 'error',
    comment: 'what the sources import stands in their package.json',
    from: { path: '^(packages|apps)/[^/]+/src/' },
    to: {
      dependencyTypes: ['npm-no-pkg', 'npm-unknown'],
      // A package that is declared as optional peer is reported as undeclared too.
      dependencyTypesNot: ['npm', 'npm-dev', 'npm-peer', 'npm-optional'],
    },
  },
  {
    name: 'no-dev-in-sources',
    severity: 'error',
    comment: 'a user does not get devDependencies',
    from: { path: '^(packages|apps)/[^/]+/src/' },
    to: {
      dependencyTypes: ['npm-dev'],
      dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'],
    },
  },
  {
    name: 'runs-in-browsers',
    severity: 'error',
    comment: 'these are used in pages, which have no modules of Node',
    from: { path: sourcesOf(forBrowsers) },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'fetch-runs-in-browsers',
    severity: 'error',
    comment: 'no way leads from @hfx/http/fetch to a module of Node, not even for a type',
    from: { path: '^packages/http/src/fetch\\.ts$' },
    to: { path: `^(node:)?(${builtinModules.join('|')})$`, reachable: true },
  },
  {
    name: 'no-test-code-in-packages',
    severity: 'error',
    from: { path: '^packages/', pathNot: sourcesOf(forTests) },
    to: { path: sourcesOf(forTests) },
  },
  {
    name: 'no-test-code-in-apps',
    severity: 'error',
    from: { path: '^apps/[^/]+/src/' },
    to: { path: sourcesOf(['testing']) },
  },
  {
    name: 'textfile-needs-no-opentelemetry',
    severity: 'error',
    comment: 'a batch job writes its metrics without an OpenTelemetry package',
    from: { path: '^packages/opentelemetry/src/prometheus\\.ts$' },
    to: { path: 'node_modules/@opentelemetry/', reachable: true },
  },
  {
    name: 'hub-composes-in-one-file',
    severity: 'error',
    comment:
      'only create-hub-client.ts chooses implementations; every other file of hub knows roles',
    from: { path: sourcesOf(['hub']), pathNot: '/src/(create-hub-client|index)\\.ts$' },
    to: { path: sourcesOf(floors[1] ?? []), dependencyTypesNot: ['type-only'] },
  },
]
