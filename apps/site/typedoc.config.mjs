import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Converter, ReflectionKind } from 'typedoc'
import { listPublic } from '../../tooling/workspace.mjs'

/** Every door of every package that is imported: what its `exports` name. */
function listDoors() {
  return listPublic().flatMap(({ folder }) => {
    const { exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const sources = Object.values(exports).map((door) => door['@hfx/source'])
    return sources.filter((source) => source !== undefined).map((source) => join(folder, source))
  })
}

/**
 * Names each module as it is imported: `packages/hub/src` becomes `@hfx/hub`.
 * @param {import('typedoc').Application} app
 */
function nameModules(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const module of context.project.getReflectionsByKind(ReflectionKind.Module))
      module.name = module.name.replace(/^packages\/([^/]+)\/src/, '@hfx/$1')
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
  entryPoints: listDoors(),
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
