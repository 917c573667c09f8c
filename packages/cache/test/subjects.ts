import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileStore, PinnedFile, RepoRef } from '@hfx/core'
import { pinBytes, stageBytes, useTempDir } from '@hfx/testing'
import {
  createHubCache,
  createLocalDir,
  type HubCacheOptions,
  type LocalDirOptions,
  type Platform,
} from '../src/index.ts'
import { createTestDeps, createTestHasher } from './deps.ts'

export const repo: RepoRef = { type: 'model', id: 'a/b' }
export const otherRepo: RepoRef = { type: 'dataset', id: 'x/y' }
export const commitC: string = 'c'.repeat(40)
export const commitD: string = 'd'.repeat(40)
export const dayMs: number = 24 * 3_600_000

/** `config.json` of the spec: a git file, named by its blob SHA-1. */
export const configBytes = '{"a": 1}\n'
export const gitConfig: Pick<PinnedFile, 'etag' | 'hash'> = {
  etag: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef',
  hash: { algorithm: 'git-sha1', digest: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef' },
}

export function openCache(root: string, options: Partial<HubCacheOptions> = {}): FileStore {
  return createHubCache(createTestDeps(), { root, ...options })
}

export type DirOptions = Partial<LocalDirOptions> & { readonly platform?: Partial<Platform> }

/** A local folder, and which of its files were hashed. */
export interface OpenedDir {
  readonly store: FileStore
  readonly hashed: readonly string[]
}

export function openDir(folder: string, options: DirOptions = {}): OpenedDir {
  const hasher = createTestHasher()
  const { platform = {}, ...rest } = options
  const store = createLocalDir(createTestDeps({ hasher, platform }), { folder, ...rest })
  return { store, hashed: hasher.hashed }
}

export const xetHash: string = 'ab'.repeat(32)

/** Lays down a file of the store that newer Python clients share between repositories. */
export async function storeShared(
  root: string,
  bytes: string,
  { marker = '1\n' }: { readonly marker?: string } = {},
): Promise<string> {
  const path = join(root, 'blobs/ab', xetHash)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(join(root, 'blobs/.huggingface-shared-blobs'), marker)
  await writeFile(path, bytes)
  return path
}

/** Stages and publishes bytes as a download does; returns where they are. */
export async function put(store: FileStore, file: PinnedFile, bytes: string): Promise<string> {
  return (await store.commitFile(await stageBytes(store, file, bytes), file)).path
}

/** As a download that looks first: links what is there. */
export async function bring(store: FileStore, file: PinnedFile, bytes: string): Promise<string> {
  const state = await store.findFile(file)
  if (state.kind === 'cached') return state.path
  return state.kind === 'link' ? (await store.linkFile(file, state)).path : put(store, file, bytes)
}

/** The link that the store is expected to offer, made. */
export async function link(store: FileStore, file: PinnedFile): Promise<string> {
  const state = await store.findFile(file)
  if (state.kind !== 'link') throw new Error(`expected link, got ${state.kind}`)
  return (await store.linkFile(file, state)).path
}

/** An ability of the system that fails as the kernel would make it fail. */
export function refuse(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(`${code}: refused by the test`), { code }))
}

/** Every entry below a folder with all that a write would change. */
export async function listTimes(folder: string): Promise<readonly string[]> {
  const lines: string[] = []
  for (const name of await readdir(folder, { recursive: true })) {
    const stats = await lstat(join(folder, name))
    lines.push(`${name} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.mode}`)
  }
  return lines.toSorted()
}

/** Blocks on disk below a folder, each file once. */
export async function diskBytes(folder: string): Promise<number> {
  const files = new Map<number, number>()
  for (const name of await readdir(folder, { recursive: true })) {
    const stats = await lstat(join(folder, name))
    files.set(stats.ino, stats.blocks * 512)
  }
  return [...files.values()].reduce((sum, bytes) => sum + bytes, 0)
}

/** Two revisions that share one blob; `main` names the second, `refs/pr/1` the first. */
export async function fillTwoRevisions(store: FileStore): Promise<void> {
  const files: readonly [string, string, string][] = [
    ['shared.bin', 'shared!', commitC],
    ['own.txt', 'old', commitC],
    ['shared.bin', 'shared!', commitD],
    ['own.txt', 'newer', commitD],
  ]
  for (const [path, bytes, commit] of files)
    await bring(store, pinBytes(path, bytes, { commit }), bytes)
  await store.writeRevision(repo, { requested: 'refs/pr/1', commit: commitC })
  await store.writeRevision(repo, { requested: 'main', commit: commitD })
  await store.writeTree(repo, commitC, [])
  await store.writeTree(repo, commitD, [])
  await store.markMissing(repo, commitC, 'gone')
}

/** A cache with the two revisions of {@link fillTwoRevisions}. */
export async function openTwo(): Promise<{ readonly root: string; readonly store: FileStore }> {
  const root = await useTempDir()
  const store = openCache(root)
  await fillTwoRevisions(store)
  return { root, store }
}
