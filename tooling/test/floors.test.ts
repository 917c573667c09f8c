import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Each planted file breaks exactly one kind of rule. */
const planted: Readonly<Record<string, string>> = {
  'packages/core/src/index.ts': 'export const core = 1\n',
  'packages/core/src/reads-disk.ts': "export { readFile } from 'node:fs/promises'\n",
  'packages/core/src/looks-up.ts': "export { http } from '../../http/src/index.ts'\n",
  'packages/http/src/index.ts': "export { core as http } from '@hfx/core'\n",
  'packages/http/src/fetch.ts': "export { readIt } from './reads-file.ts'\n",
  'packages/http/src/reads-file.ts': "export { readFile as readIt } from 'node:fs/promises'\n",
  'packages/http/src/second-door.ts': "export { request } from 'undici'\n",
  'packages/http/src/dispatch.ts': "export { fetch } from 'undici'\n",
  'packages/http/src/not-allowed.ts': "export { default } from 'string-width'\n",
  'packages/http/src/only-for-us.ts': "export { default } from 'string-width'\n",
  'packages/http/src/not-declared.ts': "export { nothing } from 'no-such-package'\n",
  'packages/http/src/knows-type.ts':
    "import type { B } from './known-back.ts'\nexport const a: B = 1\n",
  'packages/http/src/known-back.ts':
    "export { a } from './knows-type.ts'\nexport type B = number\n",
  'packages/http/src/goes-round.ts': "export { a } from './comes-back.ts'\n",
  'packages/http/src/comes-back.ts': "export * from './goes-round.ts'\nexport const a = 1\n",
  'packages/api/src/index.ts': "export { http as api } from '@hfx/http'\n",
  'packages/fake-hub/src/index.ts': 'export const fakeHub = 1\n',
  'packages/testing/src/index.ts': 'export const testing = 1\n',
  'packages/hub/src/index.ts': "export { composed as hub } from './create-hub-client.ts'\n",
  'packages/hub/src/create-hub-client.ts': "export { http as composed } from '@hfx/http'\n",
  'packages/hub/src/composes-too.ts': "export { http } from '@hfx/http'\n",
  'packages/hub/src/ships-tests.ts': "export { fakeHub } from '@hfx/fake-hub'\n",
  'packages/hub/src/goes-deep.ts': "export { core } from '../../core/src/reads-disk.ts'\n",
  'packages/hub/src/uses-app.ts': "export { main } from '../../../apps/cli/src/main.ts'\n",
  'apps/cli/src/main.ts': "export { hub as main } from '@hfx/hub'\n",
  'apps/cli/src/not-declared.ts': "export { expect } from 'vitest'\n",
  'apps/cli/src/ships-tests.ts': "export { testing } from '@hfx/testing'\n",
}

let folder = ''
let violations: readonly string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hfx-floors-'))
  await plantHouse(folder)
  violations = await cruise(folder)
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the dependency rules catch', () => {
  it.each([
    ['an import of a higher floor', 'floor-0-core packages/core/src/looks-up.ts'],
    ['an import of a neighbour', 'floor-1-api packages/api/src/index.ts'],
    ['a cycle', 'no-cycles packages/http/src/comes-back.ts'],
    ['a second door to an npm package', 'door-undici packages/http/src/second-door.ts'],
    ['an npm package that is not for this package', 'npm-http packages/http/src/not-allowed.ts'],
    ['an import past the index of a package', 'no-deep-imports packages/hub/src/goes-deep.ts'],
    ['an undeclared package', 'no-unresolvable packages/http/src/not-declared.ts'],
    ['a package that only the root declares', 'no-undeclared apps/cli/src/not-declared.ts'],
    ['a value of a devDependency', 'no-dev-in-sources packages/http/src/only-for-us.ts'],
    ['a Node built-in in core', 'runs-in-browsers packages/core/src/reads-disk.ts'],
    ['a way to Node from fetch', 'fetch-runs-in-browsers packages/http/src/fetch.ts'],
    ['a floor-1 value in hub', 'hub-composes-in-one-file packages/hub/src/composes-too.ts'],
    ['test code in a package', 'no-test-code-in-packages packages/hub/src/ships-tests.ts'],
    ['test code in an app', 'no-test-code-in-apps apps/cli/src/ships-tests.ts'],
    ['an app in a package', 'no-imports-of-apps packages/hub/src/uses-app.ts'],
  ])('%s', (_kind, violation) => {
    expect(violations).toContain(violation)
  })
})

it.each([
  'packages/http/src/index.ts',
  'packages/http/src/dispatch.ts',
  'packages/http/src/knows-type.ts',
  'packages/http/src/known-back.ts',
  'packages/hub/src/create-hub-client.ts',
  'apps/cli/src/main.ts',
])('the dependency rules leave %s alone', (path) => {
  expect(violations.filter((line) => line.endsWith(` ${path}`))).toEqual([])
})

async function plantHouse(to: string): Promise<void> {
  for (const [path, text] of Object.entries(planted)) {
    await mkdir(dirname(join(to, path)), { recursive: true })
    await writeFile(join(to, path), text)
  }
  await cp(join(root, 'tsconfig.base.json'), join(to, 'tsconfig.base.json'))
  await cp(join(root, '.dependency-cruiser.mjs'), join(to, '.dependency-cruiser.mjs'))
  await cp(join(root, 'tooling'), join(to, 'tooling'), {
    recursive: true,
    filter: (path) => !path.endsWith('/test'),
  })
  await writeFile(join(to, 'package.json'), '{ "name": "house", "type": "module" }\n')
  await symlink(join(root, 'node_modules'), join(to, 'node_modules'))
  await plantManifest(to, 'apps/cli', ['hub', 'testing'])
  for (const name of ['core', 'http', 'api', 'fake-hub', 'testing', 'hub'])
    await plantManifest(to, `packages/${name}`, ['core', 'http', 'fake-hub', 'testing'])
}

async function plantManifest(to: string, path: string, uses: readonly string[]): Promise<void> {
  const name = basename(path)
  const others = uses.filter((other) => other !== name)
  const npm = name === 'http' ? ['undici'] : []
  const dev = name === 'http' ? ['string-width'] : []
  const manifest = {
    name: `@hfx/${name}`,
    type: 'module',
    exports: { '.': { '@hfx/source': './src/index.ts' } },
    dependencies: Object.fromEntries(
      [...others.map((other) => `@hfx/${other}`), ...npm].map((dep) => [dep, '*']),
    ),
    devDependencies: Object.fromEntries(dev.map((dep) => [dep, '*'])),
  }
  const home = join(to, path)
  await writeFile(join(home, 'package.json'), JSON.stringify(manifest))
  await mkdir(join(home, 'node_modules', '@hfx'), { recursive: true })
  for (const other of others)
    await symlink(join(to, 'packages', other), join(home, 'node_modules', '@hfx', other))
  const owners: Record<string, string> = { undici: 'http', 'string-width': 'progress' }
  for (const dep of [...npm, ...dev]) {
    const from = join(root, 'packages', owners[dep] ?? '', 'node_modules', dep)
    await symlink(from, join(home, 'node_modules', dep))
  }
}

async function cruise(cwd: string): Promise<readonly string[]> {
  const bin = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  const args = [bin, 'packages', 'apps', '--output-type', 'err']
  const run = promisify(execFile)(process.execPath, args, { cwd, env: { NO_COLOR: '1' } })
  const output = await run.then(
    () => '',
    (error: { readonly stdout: string }) => error.stdout,
  )
  return output
    .split('\n')
    .map((line) => /^\s*error (\S+): (\S+)/.exec(stripVTControlCharacters(line)))
    .flatMap((match) => (match ? [`${match[1]} ${match[2]}`] : []))
}
