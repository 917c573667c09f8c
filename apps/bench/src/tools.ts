import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** The programs the bench runs, by their absolute path; undefined where one is missing. */
export interface Tools {
  readonly nginx: string | undefined
  readonly aria2c: string | undefined
  readonly curl: string | undefined
  readonly wget: string | undefined
  readonly time: string | undefined
  readonly openssl: string | undefined
  /** What each says of its version. */
  readonly versions: Readonly<Record<string, string>>
}

const packages = {
  nginx: 'nginx-light',
  aria2c: 'aria2',
  curl: 'curl',
  wget: 'wget',
  time: 'time',
  openssl: 'openssl',
} as const
type ToolName = keyof typeof packages
const names: readonly ToolName[] = ['nginx', 'aria2c', 'curl', 'wget', 'time', 'openssl']

/** Finds the programs; installs the missing ones from Debian when root. Says what it does and what it lacks. */
export async function setUpTools(say: (line: string) => void): Promise<Tools> {
  let found = await findAll()
  const missing = names.filter((name) => found[name] === undefined)
  if (missing.length > 0 && process.getuid?.() === 0) {
    const wanted = missing.map((name) => packages[name])
    say(`set-up: apt-get install ${wanted.join(' ')}`)
    await install(wanted).catch((error: unknown) =>
      say(`set-up: apt-get failed: ${error instanceof Error ? error.message : String(error)}`),
    )
    found = await findAll()
  }
  for (const name of names.filter((each) => found[each] === undefined))
    say(`set-up: ${name} is missing; ${consequence(name)}`)
  return { ...found, versions: await readVersions(found) }
}

async function install(wanted: readonly string[]): Promise<void> {
  // RUNLEVEL=1 keeps Debian from starting a daemon.
  const env = { ...process.env, RUNLEVEL: '1', DEBIAN_FRONTEND: 'noninteractive' }
  await execute('apt-get', ['update'], { env })
  await execute('apt-get', ['install', '-y', '--no-install-recommends', ...wanted], { env })
}

function consequence(name: ToolName): string {
  if (name === 'nginx') return 'the fake Hub serves the bytes and may be the bottleneck'
  if (name === 'time') return 'CPU and memory are not measured'
  if (name === 'openssl') return 'the case over TLS is left out'
  return 'its rows are left out'
}

type Found = Readonly<Record<ToolName, string | undefined>>

async function findAll(): Promise<Found> {
  const [nginx, aria2c, curl, wget, time, openssl] = await Promise.all(names.map(findProgram))
  return { nginx, aria2c, curl, wget, time, openssl }
}

async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/bin']) {
    const path = `${folder}/${name}`
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (folder !== '' && usable) return path
  }
  return undefined
}

async function readVersions(found: Found): Promise<Record<string, string>> {
  const versions: Record<string, string> = {}
  for (const [name, flag] of [
    ['nginx', '-v'],
    ['aria2c', '--version'],
    ['curl', '--version'],
    ['wget', '--version'],
  ] as const) {
    const path = found[name]
    if (path === undefined) continue
    const { stdout, stderr } = await execute(path, [flag])
    versions[name] = /\d+\.\d+(\.\d+)*/.exec(stdout + stderr)?.[0] ?? 'unknown'
  }
  return versions
}
