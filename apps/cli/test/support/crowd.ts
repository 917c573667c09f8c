import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startFakeHub } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { baseEnv, runCli } from './use-cli.ts'

const singleFile = fileURLToPath(new URL('../../dist/single/hfx.cjs', import.meta.url))
const repoId = 'acme/crowd'
/** Large enough that several processes would rather wait for one than fetch it twice. */
const weightBytes = 24 * 1024 ** 2
const smallFiles = 40

export interface CrowdReport {
  /** What went wrong; empty when nothing did. */
  readonly wrong: readonly string[]
  /** How often the large file left the server. */
  readonly copiesSent: number
}

/**
 * Many processes of the command bring one repository into one cold cache at once. `granted`: flock(1) says yes to
 * everybody, as on file systems whose locks do nothing.
 */
export async function runCrowd(
  processes: number,
  locks: 'working' | 'granted',
): Promise<CrowdReport> {
  const bytes = createHash('sha512').update('crowd').digest()
  const weights = Buffer.alloc(weightBytes, bytes)
  for (let at = 0; at < weights.length; at += 4096) weights.writeUInt32LE(at, at)
  const small = Array.from({ length: smallFiles }, (_, index) => [`small/${index}.txt`, `${index}`])
  const files = { ...Object.fromEntries(small), 'model.bin': { lfs: true, bytes: weights } }
  const hub = await startFakeHub({ repos: [{ id: repoId, commits: [{ files }] }] })
  const home = await useTempDir()
  const env = {
    ...baseEnv(home, { HF_ENDPOINT: hub.url }),
    PATH: await pathWith(locks),
  }
  // Alone in its folder it finds no koffi, and locks with flock(1).
  const program = join(await useTempDir(), 'hfx.cjs')
  await copyFile(singleFile, program)
  try {
    const ends = await Promise.all(
      Array.from({ length: processes }, () =>
        runCli(['download', repoId, '--quiet'], { env, program, cwd: home }),
      ),
    )
    const failed = ends.filter(({ code }) => code !== 0).map(({ stderr }) => stderr)
    const wrong = [...failed, ...(await checkCache(join(home, 'hf', 'hub'), { small, weights }))]
    const sent = hub.requests.reduce((sum, { sentBytes }) => sum + sentBytes, 0)
    return { wrong, copiesSent: sent / weightBytes }
  } finally {
    await hub.close()
  }
}

async function pathWith(locks: 'working' | 'granted'): Promise<string> {
  const path = process.env['PATH'] ?? ''
  if (locks === 'working') return path
  const folder = await useTempDir()
  await writeFile(join(folder, 'flock'), '#!/bin/sh\nexit 0\n')
  await chmod(join(folder, 'flock'), 0o755)
  return `${folder}${delimiter}${path}`
}

async function checkCache(
  hubCache: string,
  expected: { readonly small: readonly string[][]; readonly weights: Buffer },
): Promise<string[]> {
  const repo = join(hubCache, 'models--acme--crowd')
  await mkdir(join(repo, 'snapshots'), { recursive: true })
  const commits = await readdir(join(repo, 'snapshots'))
  const [commit = 'none'] = commits
  const snapshot = join(repo, 'snapshots', commit)
  const wrong = commits.length === 1 ? [] : [`${commits.length} snapshots`]
  const weights = await readFile(join(snapshot, 'model.bin')).catch(String)
  if (typeof weights === 'string' || !weights.equals(expected.weights)) wrong.push('model.bin')
  for (const [name = '', text] of expected.small)
    if ((await readFile(join(snapshot, name), 'utf8').catch(String)) !== text) wrong.push(name)
  const blobs = await readdir(join(repo, 'blobs'))
  if (blobs.length !== expected.small.length + 1) wrong.push(`blobs: ${blobs.join(' ')}`)
  return wrong
}
