import { doors, floors, npm } from './tooling/floors.mjs'

const src = (names) => `^packages/(${names.join('|')})/src/`
const all = floors.flat()

const floorRules = all.map((name) => {
  const floor = floors.findIndex((row) => row.includes(name))
  const allowed = [...floors.slice(0, floor).flat(), name]
  return {
    name: `floor-${floor}-${name}`,
    severity: 'error',
    comment: `${name} may import only: ${allowed.join(', ')}`,
    from: { path: src([name]) },
    to: { path: '^packages/', pathNot: src(allowed) },
  }
})
const npmRules = all.map((name) => ({
  name: `npm-${name}`,
  severity: 'error',
  comment: `${name} may use: ${npm[name].join(', ') || 'no npm package'}`,
  from: { path: src([name]) },
  to: {
    dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg', 'npm-unknown'],
    pathNot: npm[name].map((dep) => `node_modules/${dep}/`).concat('^packages/[^/]+/src/'),
  },
}))

const doorRules = Object.entries(doors).map(([dep, file]) => ({
  name: `door-${dep}`,
  severity: 'error',
  comment: `${dep} enters only through ${file}`,
  from: { path: '^packages/[^/]+/src/', pathNot: file.replace('.', '\\.') },
  to: { path: `node_modules/${dep}/` },
}))

export default {
  forbidden: [
    ...floorRules,
    ...npmRules,
    ...doorRules,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-deep-imports',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/[^/]+/src/index\\.ts$'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'core-touches-no-io',
      severity: 'error',
      from: { path: src(['core']) },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'hub-composes-in-one-file',
      severity: 'error',
      from: { path: src(['hub']), pathNot: '/src/(create-hub-client|index)\\.ts$' },
      to: { path: src(['http']), dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(packages|apps)/[^/]+/(dist|test)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@hfx/source', 'import', 'default'],
    },
  },
}
