import { Converter, ReflectionKind } from 'typedoc'

/**
 * Names each module after the package that it is the door of: `packages/hub/src` becomes `@hfx/hub`.
 * @param {import('typedoc').Application} app
 */
function nameModules(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const module of context.project.getReflectionsByKind(ReflectionKind.Module))
      module.name = module.name.replace(/^packages\/([^/]+)\/src$/, '@hfx/$1')
  })
}

/**
 * A parameter that is taken apart where it is declared has no name of its own.
 * @param {import('typedoc').Application} app
 */
function nameParameters(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const parameter of context.project.getReflectionsByKind(ReflectionKind.Parameter))
      if (parameter.name === '__namedParameters') parameter.name = 'given'
  })
}

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  plugin: ['typedoc-plugin-markdown', nameModules, nameParameters],
  entryPoints: ['../../packages/*/src/index.ts'],
  exclude: ['../../packages/testing/**'],
  tsconfig: 'tsconfig.reference.json',
  out: 'reference',
  skipErrorChecking: true,
  readme: 'none',
  name: 'API reference',
  excludePrivate: true,
  excludeExternals: true,
  useHTMLAnchors: true,
  groupOrder: ['Functions', 'Classes', 'Interfaces', 'Type Aliases', 'Variables', '*'],
  basePath: '../..',
  disableGit: true,
  sourceLinkTemplate: 'https://github.com/hfx-dev/hfx/blob/main/{path}#L{line}',
  router: 'module',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  entryFileName: 'index',
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  useCodeBlocks: true,
  tableColumnSettings: { hideSources: true, hideModifiers: true },
  validation: { notExported: false, invalidLink: true },
  treatWarningsAsErrors: true,
}
