import { createHash } from 'node:crypto'
import { type CommitSpec, type FileSpec, type LazyTree } from './repo-spec.ts'
import { createStoredFile, hashGitObject, type StoredFile } from './stored-file.ts'

/** Entries in git order, each folder right before what it holds. */
export interface CommitTree {
  readonly count: number
  readonly fingerprint: string
  at(index: number): TreeEntry
  find(path: string): TreeEntry | undefined
}

export type TreeEntry = FolderEntry | FileEntry

export interface FolderEntry {
  readonly kind: 'folder'
  readonly path: string
  describe(): Promise<{ readonly oid: string }>
}

export interface FileEntry {
  readonly kind: 'file'
  readonly path: string
  readonly file: StoredFile
}

export function createCommitTree(files: CommitSpec['files']): CommitTree {
  return isLazyTree(files) ? createLazyTree(files) : createFixedTree(files)
}

function isLazyTree(files: CommitSpec['files']): files is LazyTree {
  return 'entryAt' in files && typeof files.entryAt === 'function'
}

function createFixedTree(files: Readonly<Record<string, FileSpec>>): CommitTree {
  const stored = Object.entries(files)
    .map(([path, spec]) => createStoredFile(path, spec))
    .toSorted((a, b) => compareBytes(a.path, b.path))
  const entries = withFolders(stored)
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  const print = createHash('sha1')
  for (const file of stored) print.update(`${file.path}\0${file.fingerprint}\0`)
  return {
    count: entries.length,
    fingerprint: print.digest('hex'),
    at: (index) => entryOrThrow(entries[index], index),
    find: (path) => byPath.get(path),
  }
}

function createLazyTree(lazy: LazyTree): CommitTree {
  const at = (index: number): TreeEntry => {
    const { path, file } = lazy.entryAt(index)
    if (file !== undefined) return { kind: 'file', path, file: createStoredFile(path, file) }
    const oid = createHash('sha1').update(`${lazy.fingerprint}/${path}`).digest('hex')
    return { kind: 'folder', path, describe: () => Promise.resolve({ oid }) }
  }
  return {
    count: lazy.entryCount,
    fingerprint: lazy.fingerprint,
    at,
    find(path) {
      const index = lazy.indexOf(path)
      return index < 0 ? undefined : at(index)
    },
  }
}

function entryOrThrow(entry: TreeEntry | undefined, index: number): TreeEntry {
  if (entry) return entry
  throw new RangeError(`no tree entry ${index}`)
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

interface Folder {
  readonly path: string
  readonly files: StoredFile[]
  readonly folders: Folder[]
}

/** Files sorted by path are in git order already; every new parent folder goes in before them. */
function withFolders(files: readonly StoredFile[]): TreeEntry[] {
  const entries: TreeEntry[] = []
  const folders = new Map<string, Folder>([['', { path: '', files: [], folders: [] }]])
  const open = (path: string): Folder => {
    const known = folders.get(path)
    if (known) return known
    const folder: Folder = { path, files: [], folders: [] }
    folders.set(path, folder)
    open(parentOf(path)).folders.push(folder)
    entries.push({ kind: 'folder', path, describe: rememberOid(folder) })
    return folder
  }
  for (const file of files) {
    open(parentOf(file.path)).files.push(file)
    entries.push({ kind: 'file', path: file.path, file })
  }
  return entries
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function rememberOid(folder: Folder): FolderEntry['describe'] {
  let oid: Promise<string> | undefined
  return async () => {
    oid ??= hashFolder(folder)
    return { oid: await oid }
  }
}

/** The id git gives a tree: mode, name and id of every member, folders sorted as if their name ended in `/`. */
async function hashFolder(folder: Folder): Promise<string> {
  const members = await Promise.all([
    ...folder.files.map(async (file) => ({
      mode: '100644',
      name: nameOf(file.path),
      key: nameOf(file.path),
      oid: (await file.describe()).oid,
    })),
    ...folder.folders.map(async (child) => ({
      mode: '40000',
      name: nameOf(child.path),
      key: `${nameOf(child.path)}/`,
      oid: await hashFolder(child),
    })),
  ])
  const parts = members
    .toSorted((a, b) => compareBytes(a.key, b.key))
    .flatMap((m) => [Buffer.from(`${m.mode} ${m.name}\0`), Buffer.from(m.oid, 'hex')])
  return hashGitObject('tree', Buffer.concat(parts))
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
