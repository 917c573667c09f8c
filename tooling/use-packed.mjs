import { cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { root } from './root.mjs'
import { runReadmePrograms, writeReadmePrograms } from './packed-readmes.mjs'
import { bin, quietEnv, run } from './run.mjs'
import { listEntryPoints } from './workspace.mjs'

/** @typedef {import('./pack.mjs').PackedPackage} PackedPackage */

/** What a user's project may be set to; each with the module setting that goes with it. */
const resolutions = [
  {
    name: 'nodenext',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    include: ['use.mts', 'use.cts'],
  },
  // Under node16 a CommonJS file may not `require` an ES module in the eyes of TypeScript; Node itself may.
  { name: 'node16', module: 'node16', moduleResolution: 'node16', include: ['use.mts'] },
  { name: 'bundler', module: 'esnext', moduleResolution: 'bundler', include: ['use.mts'] },
]

/**
 * Does with the tarballs what a stranger does: npm install into an empty project, import, require, compile, run `hfx`.
 * @param {readonly PackedPackage[]} packed
 * @param {string} folder an empty one
 */
export async function usePacked(packed, folder) {
  const libraries = packed
    .filter((one) => !one.entry.isApp)
    .flatMap((one) => listEntryPoints(one.entry).map(({ specifier }) => specifier))
  const project = join(folder, 'project')
  await mkdir(project, { recursive: true })
  await installTarballs(packed, project)
  await loadBothWays(libraries, project)
  const pages = ['README.md', ...packed.map((one) => `${one.entry.path}/README.md`)]
  const programs = await writeReadmePrograms(project, pages)
  await compile(libraries, project, programs)
  console.log(
    `installed with npm: ${libraries.length} entry points import and require, compile under ${resolutions.map((each) => each.name).join(', ')}`,
  )
  const ran = await runReadmePrograms(project, pages)
  console.log(`${ran} programs of the READMEs compile against the tarballs and do what they show`)
  const version = await runThroughNpx(packed, folder)
  console.log(`npx @hfx/cli in that project, npx in an empty folder: hfx ${version}`)
}

/**
 * @param {readonly PackedPackage[]} packed
 * @param {string} folder
 */
async function runThroughNpx(packed, folder) {
  const command = ['exec', '--offline', '--', '@hfx/cli', '--version']
  const installed = await npm(command, join(folder, 'project'))
  const empty = join(folder, 'empty')
  await mkdir(empty)
  const tarballs = packed.map((one) => `--package=file:${one.tarball}`)
  const fetched = await npm(['exec', '--yes', ...tarballs, '--', 'hfx', '--version'], empty)
  if (fetched !== installed) throw new Error(`npx hfx: ${fetched} instead of ${installed}`)
  const left = await readdir(empty)
  if (left.length > 0) throw new Error(`npx hfx left ${left.join(', ')} behind`)
  return installed.trim()
}

/**
 * npm with a cache of its own: what it keeps of our tarballs goes away with them.
 * @param {readonly string[]} args
 * @param {string} cwd a folder beside the cache
 */
function npm(args, cwd) {
  const env = {
    ...process.env,
    ...quietEnv,
    npm_config_cache: join(cwd, '..', 'npm-cache'),
    npm_config_ignore_scripts: 'true',
    npm_config_loglevel: 'error',
  }
  return run('npm', args, { cwd, env, quiet: true, capture: true })
}

/** Optional peers without which an entry point cannot be imported. */
const wanted = ['@opentelemetry/api']

/**
 * @param {readonly PackedPackage[]} packed
 * @param {string} folder
 */
async function installTarballs(packed, folder) {
  const ours = packed.map((one) => [one.name, `file:${one.tarball}`])
  const peers = packed.flatMap(({ entry }) =>
    Object.entries(entry.manifest.peerDependencies ?? {}).filter(([name]) => wanted.includes(name)),
  )
  const dependencies = Object.fromEntries([...ours, ...peers])
  // None of these versions is published, so whoever asks for one gets the tarball.
  const overrides = Object.fromEntries(packed.map((one) => [one.name, `$${one.name}`]))
  const manifest = { name: 'stranger', private: true, type: 'module', dependencies, overrides }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  await npm(['install'], folder)
}

/**
 * @param {readonly string[]} names
 * @param {string} folder
 */
async function loadBothWays(names, folder) {
  const program = `
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const faults = []
for (const name of ${JSON.stringify(names)}) {
  const imported = Object.keys(await import(name)).filter((key) => key !== 'module.exports').sort()
  const required = Object.keys(require(name)).filter((key) => key !== '__esModule' && key !== 'module.exports').sort()
  if (imported.length === 0) faults.push(name + ' exports nothing')
  if (imported.join() !== required.join()) faults.push(name + ': import and require differ')
}
if (faults.length > 0) throw new Error(faults.join('\\n'))
`
  await writeFile(join(folder, 'load.mjs'), program)
  await run(process.execPath, ['load.mjs'], { cwd: folder, quiet: true, capture: true })
}

/**
 * @param {readonly string[]} names
 * @param {string} folder
 * @param {readonly string[]} programs of the READMEs
 */
async function compile(names, folder, programs) {
  await copyNodeTypes(folder)
  const uses = names.map(
    (name, index) =>
      `import * as p${index} from '${name}'\nexport const k${index}: readonly string[] = Object.keys(p${index})`,
  )
  const requires = names.map(
    (name, index) =>
      `import p${index} = require('${name}')\nexport const k${index}: readonly string[] = Object.keys(p${index})`,
  )
  await writeFile(join(folder, 'use.mts'), `${uses.join('\n')}\n`)
  await writeFile(join(folder, 'use.cts'), `${requires.join('\n')}\n`)
  for (const { name, module, moduleResolution, include } of resolutions) {
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2023',
      lib: ['es2023'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      // Our declarations must hold in the user's settings, so declarations are checked too.
      skipLibCheck: false,
      noEmit: true,
    }
    const file = `tsconfig.${name}.json`
    await writeFile(
      join(folder, file),
      JSON.stringify({ compilerOptions, include: [...include, ...programs] }),
    )
    const args = ['--pretty', 'false', '-p', file]
    const output = await run(bin('tsc'), args, { cwd: folder, quiet: true, capture: true }).then(
      () => '',
      (error) => String(error.output ?? error),
    )
    const faults = output.split('\n').filter(isOurs)
    if (faults.length > 0) throw new Error(`under ${name}:\n${faults.join('\n')}`)
  }
}

/** A user of Node has its types installed. @param {string} folder */
async function copyNodeTypes(folder) {
  const require = createRequire(join(root, 'package.json'))
  const types = dirname(require.resolve('@types/node/package.json'))
  const undiciTypes = dirname(
    createRequire(join(types, 'package.json')).resolve('undici-types/package.json'),
  )
  await mkdir(join(folder, 'node_modules', '@types'), { recursive: true })
  await cp(types, join(folder, 'node_modules', '@types', 'node'), {
    recursive: true,
    dereference: true,
  })
  await cp(undiciTypes, join(folder, 'node_modules', 'undici-types'), {
    recursive: true,
    dereference: true,
  })
}

/** A fault in our declarations or their use. Those of @types/node break exactOptionalPropertyTypes by themselves. @param {string} line */
function isOurs(line) {
  return /error TS/.test(line) && !/^node_modules\/(?!@hfx\/)/.test(line)
}
