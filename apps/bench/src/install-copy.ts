import { cp, mkdir, readdir, readFile, realpath, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The built packages, copied aside as npm would lay them out: a rebuild does not disturb a run. */
export interface InstalledCopy {
  /** A program that uses `@hfx/hub`. */
  readonly client: string
  /** Imports `@hfx/hub` and ends. */
  readonly folder: string
  /** The command `hfx`. */
  readonly cli: string
  /** The same as one file, alone in a folder. */
  readonly singleFile: string
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const published = [
  'packages/core',
  'packages/config',
  'packages/http',
  'packages/api',
  'packages/transfer',
  'packages/cache',
  'packages/progress',
  'packages/fake-hub',
  'packages/hub',
  'apps/cli',
]

export async function installCopy(folder: string): Promise<InstalledCopy> {
  await rm(folder, { recursive: true, force: true })
  const modules = join(folder, 'node_modules', '@hfx')
  await mkdir(modules, { recursive: true })
  for (const from of published) await copyPackage(join(root, from), modules)
  const client = join(folder, 'client.mjs')
  await cp(new URL('clients/hfx.js', import.meta.url), client)
  const cli = join(modules, 'cli', 'dist')
  const singleFile = join(folder, 'single', 'hfx.cjs')
  await cp(join(cli, 'single', 'hfx.cjs'), singleFile)
  return { client, folder, cli: join(cli, 'main.js'), singleFile }
}

async function copyPackage(from: string, modules: string): Promise<void> {
  const name = from.slice(from.lastIndexOf('/') + 1)
  const to = join(modules, name)
  await cp(join(from, 'dist'), join(to, 'dist'), { recursive: true })
  await cp(join(from, 'package.json'), join(to, 'package.json'))
  for (const dependency of await npmDependencies(join(from, 'package.json'))) {
    const target = join(to, 'node_modules', dependency)
    await mkdir(join(target, '..'), { recursive: true })
    await symlink(await realpath(join(from, 'node_modules', dependency)), target)
  }
}

async function npmDependencies(manifest: string): Promise<string[]> {
  const parsed: unknown = JSON.parse(await readFile(manifest, 'utf8'))
  if (typeof parsed !== 'object' || parsed === null) return []
  const wanted = ['dependencies', 'optionalDependencies', 'peerDependencies']
    .flatMap((kind) => listKeys(Reflect.get(parsed, kind)))
    .filter((name) => !name.startsWith('@hfx/'))
  // A package without dependencies has no such folder.
  if (wanted.length === 0) return []
  const present = await readdir(join(manifest, '..', 'node_modules'))
  return wanted.filter((name) => present.includes(name.split('/')[0] ?? ''))
}

function listKeys(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}
