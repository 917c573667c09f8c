import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Comment, Converter, DeclarationReflection, ReflectionKind } from 'typedoc'
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
 * Names each module as it is imported (`packages/hub/src` becomes `@hfx/hub`), and leads to the page that explains it.
 * @param {import('typedoc').Application} app
 */
function introduceModules(app) {
  const packages = listPublic()
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const module of context.project.getReflectionsByKind(ReflectionKind.Module)) {
      const [, path, folder = ''] = /^(packages\/([^/]+))\/src/.exec(module.name) ?? []
      module.name = module.name.replace(`${path}/src`, `@hfx/${folder}`)
      const { description = '' } = packages.find((one) => one.path === path)?.manifest ?? {}
      const page = `https://github.com/hfx-dev/hfx/tree/main/${path}`
      const text = `${description} What for, an example, options and errors: [@hfx/${folder}](${page}).`
      if (module instanceof DeclarationReflection)
        module.comment = new Comment([{ kind: 'text', text }])
    }
  })
}

/**
 * What makes the thing that a package is there for stands before its tools.
 * @param {import('typedoc').Application} app
 */
function putMakersFirst(app) {
  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    (context) => {
      for (const module of context.project.getReflectionsByKind(ReflectionKind.Module)) {
        if (!(module instanceof DeclarationReflection)) continue
        for (const group of module.groups ?? []) {
          const makers = group.children.filter(isMaker)
          const others = group.children.filter((one) => !isMaker(one))
          group.children = [...makers, ...others]
        }
      }
    },
    -1000,
  )
}

/** @param {{ readonly name: string }} one */
function isMaker(one) {
  return /^(create|start)[A-Z]/.test(one.name)
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
  plugin: ['typedoc-plugin-markdown', introduceModules, putMakersFirst, nameParameters],
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
  // {path} begins below what all doors have in common.
  sourceLinkTemplate: 'https://github.com/hfx-dev/hfx/blob/main/packages/{path}#L{line}',
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
