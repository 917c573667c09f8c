import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { RepoRef } from '@hfx/core'
import { type FakeHub, type FileSpec, type RepoSpec, startFakeHub } from '@hfx/fake-hub'
import { type PythonEnv, useTempDir } from '@hfx/testing'
import { onTestFinished } from 'vitest'
import { createHubClient, type HubClient, type HubClientOptions } from '../../src/index.ts'

export const repo: RepoRef = { type: 'model', id: 'a/b' }
export const modelBytes: Buffer = Buffer.from(
  Array.from({ length: 1_048_576 }, (_, index) => index % 256),
)

/** A git file in a folder, one with a name that needs encoding, an empty one, an LFS file and one that Xet stores. */
export const files: Readonly<Record<string, FileSpec>> = {
  'config.json': '{"a": 1}\n',
  'sub/dir/x.txt': 'hello\n',
  'weird name#?.txt': 'w\n',
  'empty.txt': '',
  'model.bin': { lfs: true, bytes: modelBytes },
  'xet.bin': { lfs: true, bytes: modelBytes.subarray(0, 1000), xetHash: 'e'.repeat(64) },
}

export const paths: readonly string[] = Object.keys(files).toSorted()

/** Two commits that share all but one file; a pull request, a tag and a branch with a slash. */
export const repoSpec: RepoSpec = {
  id: 'a/b',
  commits: [{ files }, { files: { ...files, 'config.json': '{"a": 2}\n' } }],
  branches: { main: 0, 'feature/foo': 1 },
  tags: { 'v1.0': 0 },
  prs: { 1: 1 },
}

export interface Stage {
  readonly hub: FakeHub
  /** Where a test keeps its caches and folders. */
  readonly folder: string
  /** The variables by which Python asks this Hub. */
  readonly online: PythonEnv
  commit(revision?: string): string
  /** A client of ours on a cache. */
  open(cacheDir: string, options?: HubClientOptions): HubClient
  /** What was asked of the Hub since the last call, as `GET /path`. */
  asked(): readonly string[]
}

export async function useStage(repos: readonly RepoSpec[] = [repoSpec]): Promise<Stage> {
  const hub = await startFakeHub({
    repos,
    users: [{ name: 'ada', token: 'hf_ada' }],
    cdnHost: 'localhost',
  })
  onTestFinished(() => hub.close())
  return {
    hub,
    folder: await useTempDir(),
    online: { HF_ENDPOINT: hub.url },
    commit: (revision = 'main') => hub.commit('a/b', revision),
    open(cacheDir, options = {}) {
      const reach = { endpoint: hub.url, maxRetries: 1, retryIntervalMs: 1 }
      const client = createHubClient({ env: {}, token: false, cacheDir, ...reach, ...options })
      onTestFinished(() => client.close())
      return client
    },
    asked() {
      const lines = hub.requests.map(({ method, path }) => `${method} ${path}`)
      hub.clearRequests()
      return lines
    },
  }
}

/** The variables of a Python that must not ask anybody. */
export const offline: PythonEnv = { HF_HUB_OFFLINE: '1' }

/** Permissions of everything below a folder but links and locks: `{ 'models--a--b/refs/main': '644' }`. */
export async function listModes(root: string): Promise<Readonly<Record<string, string>>> {
  const entries: [string, string][] = []
  for (const name of await readdir(root, { recursive: true })) {
    const stats = await lstat(join(root, name))
    if (stats.isSymbolicLink() || name.startsWith('.locks')) continue
    entries.push([name, (stats.mode & 0o777).toString(8)])
  }
  return Object.fromEntries(entries)
}

/**
 * Every file and link below a folder, and what it says. The comment in `CACHEDIR.TAG` is each client's
 * own; so is the time in the metadata of a local folder.
 */
export async function describeTree(root: string): Promise<Readonly<Record<string, string>>> {
  const entries: [string, string][] = []
  for (const name of (await readdir(root, { recursive: true })).toSorted()) {
    const path = join(root, name)
    const stats = await lstat(path)
    if (stats.isSymbolicLink()) entries.push([name, `-> ${await readlink(path)}`])
    else if (stats.isFile()) entries.push([name, describeFile(name, await readFile(path))])
  }
  return Object.fromEntries(entries)
}

function describeFile(name: string, bytes: Buffer): string {
  if (name.endsWith('CACHEDIR.TAG')) return bytes.toString('latin1').slice(0, 43)
  if (name.endsWith('.metadata')) return bytes.toString('latin1').split('\n').slice(0, 2).join(' ')
  const short = bytes.length <= 2000 && !bytes.includes(0)
  return short ? bytes.toString() : createHash('sha256').update(bytes).digest('hex')
}
