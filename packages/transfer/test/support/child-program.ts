import { mkdir, mkdtemp, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises'
import { spawn, type ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import type { ChildJob } from './child.ts'

const here = dirname(fileURLToPath(import.meta.url))
const packages = join(here, '..', '..', '..')

/** Turns the sources into a program that plain Node runs, so that a test can kill it; answers the main file. */
export async function buildChildProgram(): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'hfx-soak-')))
  const scope = join(root, 'node_modules', '@hfx')
  for (const name of ['core', 'transfer', 'http']) {
    await transpileFolder(join(packages, name, 'src'), join(scope, name, 'src'))
    const exports = './src/index.js'
    const manifest = { name: `@hfx/${name}`, version: '0.0.0', type: 'module', exports }
    await writeFile(join(scope, name, 'package.json'), JSON.stringify(manifest))
  }
  const undici = await realpath(join(packages, 'http', 'node_modules', 'undici'))
  await symlink(undici, join(root, 'node_modules', 'undici'))
  await writeFile(join(root, 'package.json'), '{"type":"module"}')
  for (const name of ['child', 'node-range-reader'])
    await transpileFile(join(here, `${name}.ts`), join(root, `${name}.js`))
  return join(root, 'child.js')
}

/** Starts one download in its own process. Its standard output is one JSON line when it succeeds. */
export function startChild(program: string, job: ChildJob): ChildProcess {
  return spawn(process.execPath, [program, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

export function waitForChild(child: ChildProcess): Promise<ChildEnd> {
  let output = ''
  let errors = ''
  child.stdout?.on('data', (text: Buffer) => (output += text.toString()))
  child.stderr?.on('data', (text: Buffer) => (errors += text.toString()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, output, errors }))
  })
}

async function transpileFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name)
    if (entry.isDirectory()) await transpileFolder(source, join(to, entry.name))
    else await transpileFile(source, join(to, entry.name.replace(/\.ts$/, '.js')))
  }
}

async function transpileFile(from: string, to: string): Promise<void> {
  const { outputText } = ts.transpileModule(await readFile(from, 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  })
  await writeFile(to, outputText)
}
