import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type {
  AbortOptions,
  CachedFile,
  FileHasher,
  FileState,
  FileStore,
  PinnedFile,
  StepOptions,
} from '@hfx/core'
import { walkFiles } from './walk-files.ts'

/** A place that other programs fill with the same bytes. */
export interface AdoptionPlace {
  readonly kind: 'folder' | 'ollama' | 'lm-studio' | 'git-lfs'
  /** A folder, or a single file. */
  readonly path: string
}

/** A file of a repository whose bytes are on this machine under another name. */
export interface Adoptable {
  readonly file: PinnedFile
  readonly from: string
  readonly place: AdoptionPlace['kind']
}

/** How far {@link findAdoptable} looks. */
export interface FindAdoptableOptions extends AbortOptions {
  /** Entries looked at in one place before giving it up. @default 200_000 */
  readonly maxEntries?: number
}

const defaultMaxEntries = 200_000
/** Small files are fetched faster than they are looked for. */
const adoptMinBytes = 64 * 1024

/** Where Ollama and LM Studio keep models, under a home folder. They may not exist. */
export function adoptionPlaces(home: string): readonly AdoptionPlace[] {
  return [
    { kind: 'ollama', path: join(home, '.ollama', 'models', 'blobs') },
    { kind: 'lm-studio', path: join(home, '.lmstudio', 'models') },
    { kind: 'lm-studio', path: join(home, '.cache', 'lm-studio', 'models') },
  ]
}

/** The objects of a git-lfs clone. */
export function gitLfsPlace(clone: string): AdoptionPlace {
  return { kind: 'git-lfs', path: join(clone, '.git', 'lfs', 'objects') }
}

/**
 * Finds files of a listing in a loose folder, an Ollama store, an LM Studio folder or a git-lfs clone: by size first,
 * and then by hash, whatever they are called. Reads only.
 */
export async function findAdoptable(
  deps: { readonly hasher: FileHasher },
  wanted: { readonly place: AdoptionPlace; readonly files: readonly PinnedFile[] },
  options: FindAdoptableOptions = {},
): Promise<readonly Adoptable[]> {
  const open = wanted.files.filter((file) => file.hash && file.sizeBytes >= adoptMinBytes)
  const found: Adoptable[] = []
  const left = new Set(open)
  for await (const path of listCandidates(wanted.place, options)) {
    options.signal?.throwIfAborted()
    if (left.size === 0) break
    const stats = await stat(path).catch(() => undefined)
    const sized = [...left].filter((file) => file.sizeBytes === stats?.size)
    if (!stats?.isFile() || sized.length === 0) continue
    for (const file of await keepSameHash(deps.hasher, { path, files: sized }, options)) {
      found.push({ file, from: path, place: wanted.place.kind })
      left.delete(file)
    }
  }
  return found
}

/** Links an adoptable file into a store, as the file's only writer. */
export async function adopt(
  store: FileStore,
  match: Adoptable,
  options: StepOptions = {},
): Promise<CachedFile> {
  return store.withFileLock(
    match.file,
    async () => {
      const state = await store.findFile(match.file)
      if (state.kind === 'cached') return { path: state.path, sizeBytes: match.file.sizeBytes }
      const link: FileState & { readonly kind: 'link' } =
        state.kind === 'link' ? state : { kind: 'link', from: match.from, diskBytes: 0 }
      return store.linkFile(match.file, link, options)
    },
    options,
  )
}

async function* listCandidates(
  place: AdoptionPlace,
  { maxEntries = defaultMaxEntries }: FindAdoptableOptions,
): AsyncGenerator<string> {
  const stats = await stat(place.path).catch(() => undefined)
  if (stats?.isFile()) yield place.path
  if (!stats?.isDirectory()) return
  let entries = 0
  for await (const entry of walkFiles(place.path)) {
    entries += 1
    if (entries > maxEntries) return
    // A link may lead anywhere; the file it shows is found where it is.
    if (entry.isFile) yield entry.path
  }
}

/** Stores that name files by their hash are told apart without reading: a name that is another hash cannot match. */
async function keepSameHash(
  hasher: FileHasher,
  at: { readonly path: string; readonly files: readonly PinnedFile[] },
  options: AbortOptions,
): Promise<readonly PinnedFile[]> {
  const named = /^(?:sha256-)?([0-9a-f]{64})$/.exec(basename(at.path))?.[1]
  const digests = new Map<string, string>()
  const same: PinnedFile[] = []
  for (const file of at.files) {
    const { hash } = file
    if (!hash || (named !== undefined && hash.algorithm === 'sha256' && named !== hash.digest))
      continue
    const digest =
      digests.get(hash.algorithm) ?? (await hasher.hashFile(at.path, hash.algorithm, options))
    digests.set(hash.algorithm, digest)
    if (digest === hash.digest) same.push(file)
  }
  return same
}
