import { createCruiserRules } from './tooling/cruiser-rules.mjs'

export default {
  forbidden: createCruiserRules(),
  options: {
    doNotFollow: { path: 'node_modules' },
    // Anchored: an unanchored `dist/` would hide every npm package that ships one, and with it every npm rule.
    exclude: { path: '^(packages|apps)/[^/]+/(dist|test|\\.results|\\.snippets)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@hfx/source', 'node', 'import', 'default'],
    },
  },
}
