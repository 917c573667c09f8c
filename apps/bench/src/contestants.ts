import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type HubProcess } from './hub-process.ts'
import { type InstalledCopy } from './install-copy.ts'
import { type Command } from './measure.ts'
import { type Tools } from './tools.ts'

/** Where a run puts its files, and what it asks. */
export interface Place {
  /** Fresh and empty, unless the case says otherwise. */
  readonly folder: string
  /** For lists of URLs and the like; not looked at afterwards. */
  readonly scratch: string
  readonly hub: HubProcess
}

/** One way to bring the files of `bench/repo` down. */
export interface Contestant {
  readonly name: string
  /** A yardstick: nothing is expected in its folder. @default false */
  readonly bringsNothing?: boolean
  /** Makes the command for a place; what it writes for it is not measured. */
  command(place: Place): Promise<Command> | Command
}

export interface ContestantDeps {
  readonly tools: Tools
  readonly copy: InstalledCopy
}

/** Everybody the bench knows. A contestant whose program is missing is undefined. */
export interface Contestants {
  hfx(name: string, options?: Readonly<Record<string, unknown>>): Contestant
  curl(): Contestant | undefined
  curlWithSha256(): Contestant | undefined
  curlParallel(atOnce: number): Contestant | undefined
  wget(): Contestant | undefined
  aria2(
    name: string,
    how: { readonly check?: true; readonly atOnce?: number },
  ): Contestant | undefined
  huggingface(name: string, way: 'blob' | number): Contestant
  ipull(): Contestant
  /** Brings nothing: hashes the same bytes where the server has them. */
  sha256(): Contestant
}

export const hashOnly = 'SHA-256 of the same bytes, nothing else'

export function createContestants({ tools, copy }: ContestantDeps): Contestants {
  return {
    hfx: (name, options = {}) => ({
      name,
      command: (place) => hfxCommand(copy, place, { options }),
    }),
    curl: () => withTool(tools.curl, 'curl', curlOne),
    curlWithSha256: () => withTool(tools.curl, 'curl + sha256sum', curlAndCheck),
    curlParallel: (atOnce) =>
      withTool(tools.curl, `curl -Z --parallel-max ${atOnce}`, (file, place) =>
        curlMany(file, place, atOnce),
      ),
    wget: () => withTool(tools.wget, 'wget', wgetOne),
    aria2: (name, how) =>
      withTool(tools.aria2c, name, (file, place) => aria2Command(file, place, how)),
    huggingface: (name, way) => ({
      name,
      command: (place) => {
        const asked = [String(way), place.hub.url, 'bench/repo', place.folder]
        return clientCommand(place, 'huggingface-hub', asked)
      },
    }),
    ipull: () => ({
      name: 'ipull',
      command: (place) =>
        clientCommand(place, 'ipull', [urlsOf(place)[0]?.url ?? '', place.folder]),
    }),
    sha256: () => ({
      name: hashOnly,
      bringsNothing: true,
      command: (place) =>
        clientCommand(
          place,
          'sha256',
          place.hub.plan.blobs.map(({ blob }) => blob.path),
        ),
    }),
  }
}

function clientCommand(place: Place, name: string, args: readonly string[]): Command {
  return {
    file: process.execPath,
    args: [clientPath(name), ...args],
    env: extraCertificates(place),
  }
}

/** hfx into a cache of its own, every byte verified, as it does by default. */
export function hfxCommand(
  copy: InstalledCopy,
  place: Place,
  how: {
    readonly options?: Readonly<Record<string, unknown>>
    readonly revision?: string
    readonly preload?: string
    readonly env?: Readonly<Record<string, string>>
  } = {},
): Command {
  const options = {
    endpoint: place.hub.url,
    cacheDir: place.folder,
    ...(place.hub.plan.tls ? { ca: place.hub.plan.tls.certPath } : {}),
    ...how.options,
  }
  const preload = how.preload === undefined ? [] : ['--import', how.preload]
  return {
    file: process.execPath,
    args: [...preload, copy.client, 'bench/repo', how.revision ?? 'main', JSON.stringify(options)],
    ...(how.env ? { env: how.env } : {}),
  }
}

export function clientPath(name: string): string {
  return fileURLToPath(new URL(`clients/${name}.js`, import.meta.url))
}

function withTool(
  file: string | undefined,
  name: string,
  command: (file: string, place: Place) => Promise<Command> | Command,
): Contestant | undefined {
  if (file === undefined) return undefined
  return { name, command: (place) => command(file, place) }
}

function urlsOf({ hub }: Place): { readonly path: string; readonly url: string }[] {
  return hub.paths.map((path) => ({ path, url: `${hub.url}/bench/repo/resolve/main/${path}` }))
}

function curlOne(file: string, place: Place): Command {
  const certificate = place.hub.plan.tls ? ['--cacert', place.hub.plan.tls.certPath] : []
  const urls = urlsOf(place).map(({ url }) => url)
  return { file, args: ['-sSfL', '-o', join(place.folder, 'model.bin'), ...certificate, ...urls] }
}

function curlAndCheck(file: string, place: Place): Command {
  const script = '"$@" && sha256sum "$0"'
  const target = join(place.folder, 'model.bin')
  return { file: '/bin/sh', args: ['-c', script, target, file, ...curlOne(file, place).args] }
}

function wgetOne(file: string, place: Place): Command {
  const certificate = certificateArgs(place, '--ca-certificate=')
  const urls = urlsOf(place).map(({ url }) => url)
  return { file, args: ['-q', '-O', join(place.folder, 'model.bin'), ...certificate, ...urls] }
}

async function curlMany(file: string, place: Place, atOnce: number): Promise<Command> {
  const list = join(place.scratch, 'curl.txt')
  const lines = urlsOf(place).map(
    ({ path, url }) => `url = "${url}"\noutput = "${join(place.folder, path)}"`,
  )
  await mkdir(place.scratch, { recursive: true })
  await writeFile(list, lines.join('\n'))
  const flags = ['-sSfL', '-Z', '--parallel-max', String(atOnce), '--create-dirs', '-K', list]
  return { file, args: flags }
}

async function aria2Command(
  file: string,
  place: Place,
  how: { readonly check?: true; readonly atOnce?: number },
): Promise<Command> {
  const list = join(place.scratch, 'aria2.txt')
  const lines = urlsOf(place).map(({ path, url }) => `${url}\n  out=${path}`)
  await mkdir(place.scratch, { recursive: true })
  await writeFile(list, lines.join('\n'))
  const sha256 = place.hub.plan.blobs[0]?.blob.sha256 ?? ''
  const spread = how.atOnce === undefined ? ['-x16', '-s16', '-k1M'] : [`-j${how.atOnce}`]
  const check = how.check ? [`--checksum=sha-256=${sha256}`] : []
  const certificate = certificateArgs(place, '--ca-certificate=')
  const plain = ['-q', '-c', '--no-conf', '--file-allocation=none', '--auto-file-renaming=false']
  return {
    file,
    args: [...plain, ...spread, ...check, ...certificate, '-d', place.folder, '-i', list],
  }
}

function certificateArgs({ hub }: Place, flag: string): string[] {
  return hub.plan.tls ? [`${flag}${hub.plan.tls.certPath}`] : []
}

function extraCertificates({ hub }: Place): Record<string, string> {
  return hub.plan.tls ? { NODE_EXTRA_CA_CERTS: hub.plan.tls.certPath } : {}
}
