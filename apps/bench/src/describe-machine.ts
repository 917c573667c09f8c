import { readFile } from 'node:fs/promises'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { createRequire } from 'node:module'
import { type Tools } from './tools.ts'

/** Where and with what a case was measured. */
export interface Machine {
  readonly processors: string
  readonly memory: string
  readonly system: string
  readonly versions: string
  /** ISO date of the run. */
  readonly date: string
  /** Of the last 15 minutes, the bench's own work included. */
  readonly load: string
}

export async function describeMachine(tools: Tools): Promise<Machine> {
  const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const name = /^PRETTY_NAME="(.*)"$/m.exec(osRelease)?.[1] ?? process.platform
  const versions = {
    node: process.versions.node,
    ...tools.versions,
    '@huggingface/hub': await readVersion('@huggingface/hub'),
    ipull: await readVersion('ipull'),
  }
  return {
    processors: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    system: `${name}, Linux ${release()}`,
    versions: Object.entries(versions)
      .map(([program, version]) => `${program} ${version}`)
      .join(', '),
    date: new Date().toISOString().slice(0, 10),
    load: (loadavg()[2] ?? 0).toFixed(1),
  }
}

async function readVersion(name: string): Promise<string> {
  const { resolve } = createRequire(import.meta.url)
  const entry = import.meta.resolve(name)
  const folder = entry.slice(0, entry.lastIndexOf(`/${name}/`) + name.length + 2)
  const text = await readFile(new URL('package.json', folder), 'utf8').catch(() =>
    readFile(resolve(`${name}/package.json`), 'utf8'),
  )
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? 'unknown'
}
