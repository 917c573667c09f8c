// pnpm new-package <name> "<one sentence>": writes a package that passes every check but has yet to do something.
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './root.mjs'

/**
 * The files of a new package, by path inside its folder.
 * @param {string} name kebab-case, without the scope
 * @param {string} description one sentence
 * @returns {Record<string, string>}
 */
export function createPackageFiles(name, description) {
  const camel = name.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase())
  const create = `create${camel.charAt(0).toUpperCase()}${camel.slice(1)}`
  return {
    'package.json': `${JSON.stringify(createManifest(name, description), null, 2)}\n`,
    'tsconfig.json':
      '{ "extends": "../../tsconfig.base.json", "include": ["src", "test", "*.ts"] }\n',
    'tsup.config.ts': "export { default } from '../../tooling/tsup.config.ts'\n",
    'vitest.config.ts': "export { default } from '../../tooling/vitest.config.ts'\n",
    'src/index.ts': `export { ${create} } from './create-${name}.ts'\n`,
    [`src/create-${name}.ts`]: `import type { EventSink } from '@hfx/core'

/** ${description} */
export function ${create}(deps: { readonly emit: EventSink }): { readonly emit: EventSink } {
  return { emit: deps.emit }
}
`,
    [`test/create-${name}.test.ts`]: `import type { HubEvent } from '@hfx/core'
import { expect, it } from 'vitest'
import { ${create} } from '../src/index.ts'

it('hands every event to the sink that it was given', () => {
  const heard: HubEvent[] = []
  const made = ${create}({ emit: (event) => heard.push(event) })
  expect(made.emit).toBeTypeOf('function')
})
`,
    'README.md': createReadme(name, description, create),
  }
}

/** @param {string} name @param {string} description */
function createManifest(name, description) {
  const published = { types: './dist/index.d.ts', default: './dist/index.js' }
  const self = './package.json'
  return {
    name: `@hfx/${name}`,
    version: '0.0.0',
    description,
    keywords: ['download', 'hub', 'huggingface'],
    homepage: `https://github.com/hfx-dev/hfx/tree/main/packages/${name}#readme`,
    bugs: 'https://github.com/hfx-dev/hfx/issues',
    license: 'Apache-2.0',
    repository: {
      type: 'git',
      url: 'git+https://github.com/hfx-dev/hfx.git',
      directory: `packages/${name}`,
    },
    files: ['dist'],
    type: 'module',
    sideEffects: false,
    exports: { '.': { '@hfx/source': './src/index.ts', ...published }, [self]: self },
    publishConfig: {
      exports: { '.': published, [self]: self },
      access: 'public',
      provenance: true,
    },
    scripts: { build: 'tsup', typecheck: 'tsc --noEmit', test: 'vitest run --passWithNoTests' },
    dependencies: { '@hfx/core': 'workspace:^' },
    engines: { node: '>=20.19.0' },
  }
}

/** @param {string} name @param {string} description @param {string} create */
function createReadme(name, description, create) {
  return `# @hfx/${name}

${description} Say what for, and for whom.

**You need it** when …. **You do not** when …: say what to take instead.

\`\`\`sh
npm install @hfx/${name}
\`\`\`

## Example

\`\`\`ts
import { ${create} } from '@hfx/${name}'

${create}({ emit: (event) => console.log(event.type) })
\`\`\`

## What it gives

Say each function in a line, each option with its default, and the packages that it goes with.

**Errors**: name the codes. **Events**: name them.

[Floor N](https://github.com/hfx-dev/hfx/blob/main/docs/architecture.md#the-picture): say which, and what it imports.
`
}

/** @param {readonly string[]} args */
async function main(args) {
  const [name = '', description = ''] = args
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || !description.endsWith('.')) {
    throw new Error(
      'usage: pnpm new-package <kebab-case-name> "<One sentence that ends with a full stop.>"',
    )
  }
  const folder = join(root, 'packages', name)
  if (existsSync(folder)) throw new Error(`packages/${name} is there already`)
  for (const [path, text] of Object.entries(createPackageFiles(name, description))) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
    console.log(`packages/${name}/${path}`)
  }
  const key = name.includes('-') ? `'${name}'` : name
  console.log(`
Now: put '${name}' on a floor of tooling/floors.mjs, and \`${key}: []\` into its \`npm\`;
then: pnpm install, pnpm docs, pnpm api:update, pnpm exec changeset, pnpm check.`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(process.argv.slice(2)).catch((error) => {
    console.error(error.message)
    process.exitCode = 2
  })
}
