import type { Clock, FileHasher, FileStore, Logger, RandomSource } from '@hfx/core'
import { createOnTheSpot, type OnTheSpot } from './on-the-spot.ts'
import { type Platform, resolvePlatform } from './platform.ts'

/** What the stores ask for. */
export interface CacheDeps {
  readonly hasher: FileHasher
  readonly clock: Clock
  readonly random: RandomSource
  readonly logger: Logger
  /** Replaces single abilities of the system. @default the system we run on */
  readonly platform?: Partial<Platform>
}

/** {@link CacheDeps} with every ability of the system filled in. */
export interface ResolvedCacheDeps extends CacheDeps {
  readonly platform: Platform
  readonly onTheSpot: OnTheSpot
}

export function resolveCacheDeps(deps: CacheDeps): ResolvedCacheDeps {
  const onTheSpot = createOnTheSpot(deps.clock)
  return { ...deps, onTheSpot, platform: resolvePlatform(deps.platform, onTheSpot) }
}

/** How the bytes of one place may appear in another without being fetched. */
export type LinkKind = 'reflink' | 'hardlink' | 'symlink' | 'copy'

/** What both stores can be told. */
export interface StoreOptions {
  /**
   * Who may use the new files: `user` leaves it to the umask; `group` adds read and write for the group to files and
   * folders, and lets the group be inherited.
   * @default 'user'
   */
  readonly shared?: 'user' | 'group'
  /** Flush a file to the device before it gets its final name. @default false */
  readonly durable?: boolean
  /**
   * How long to wait for the owner of a lock that shows no progress, in milliseconds, before going on without it.
   * @default 120_000
   */
  readonly lockPatienceMs?: number
  /** How long a rename is tried while another program holds the file, in milliseconds. @default 30_000 */
  readonly renamePatienceMs?: number
  /** Which mechanism locks; `none` leaves only the in-process lock. @default 'auto' */
  readonly locks?: 'auto' | 'koffi' | 'flock' | 'open' | 'none'
}

/** Where the shared cache is and how it is used. */
export interface HubCacheOptions extends StoreOptions {
  /** Absolute path of the cache: `HF_HUB_CACHE`. */
  readonly root: string
  /** Caches that are only read, best first: a baked image, an NFS share. @default [] */
  readonly layers?: readonly string[]
  /** Write nothing at all; whatever must be written is an error. @default false */
  readonly readOnly?: boolean
  /** Make plain files instead of symbolic links, as `HF_HUB_DISABLE_SYMLINKS`. @default false */
  readonly disableSymlinks?: boolean
  /** Link a file that another repository of this cache has under the same sha256. @default true */
  readonly reuseAcrossRepos?: boolean
  /**
   * How an adopted loose file may appear in the cache, best first. With `hardlink`, whoever edits the loose file in
   * place edits the cached one.
   * @default ['reflink', 'copy']
   */
  readonly looseLinks?: readonly LinkKind[]
}

/** Which folder gets the files and how. */
export interface LocalDirOptions extends StoreOptions {
  /** Absolute path of the folder that gets the files. */
  readonly folder: string
  /** A Hub cache to take files from instead of the network. @default none */
  readonly cache?: FileStore
  /**
   * How files of the cache may appear in the folder, best first. Hardlinks and symlinks are one file under two names:
   * who edits the local one in place edits the cached one. Leave them out where that may happen.
   * @default ['reflink', 'hardlink', 'copy']
   */
  readonly links?: readonly LinkKind[]
  /** Files below this many bytes are copied, not hardlinked: they are the ones people edit. @default 1_048_576 */
  readonly hardlinkMinBytes?: number
}

export interface ResolvedStoreOptions {
  readonly shared: 'user' | 'group'
  readonly durable: boolean
  readonly lockPatienceMs: number
  readonly renamePatienceMs: number
  readonly locks: 'auto' | 'koffi' | 'flock' | 'open' | 'none'
}

export interface ResolvedHubCacheOptions extends ResolvedStoreOptions {
  readonly root: string
  readonly layers: readonly string[]
  readonly readOnly: boolean
  readonly disableSymlinks: boolean
  readonly reuseAcrossRepos: boolean
  readonly looseLinks: readonly LinkKind[]
}

export interface ResolvedLocalDirOptions extends ResolvedStoreOptions {
  readonly folder: string
  readonly cache: FileStore | undefined
  readonly links: readonly LinkKind[]
  readonly hardlinkMinBytes: number
}

const defaults = {
  shared: 'user',
  durable: false,
  lockPatienceMs: 120_000,
  renamePatienceMs: 30_000,
  locks: 'auto',
  links: ['reflink', 'hardlink', 'copy'],
  looseLinks: ['reflink', 'copy'],
  hardlinkMinBytes: 1024 * 1024,
} satisfies Partial<ResolvedStoreOptions & ResolvedLocalDirOptions & ResolvedHubCacheOptions>

export function resolveStoreOptions(options: StoreOptions): ResolvedStoreOptions {
  return {
    shared: options.shared ?? defaults.shared,
    durable: options.durable ?? defaults.durable,
    lockPatienceMs: options.lockPatienceMs ?? defaults.lockPatienceMs,
    renamePatienceMs: options.renamePatienceMs ?? defaults.renamePatienceMs,
    locks: options.locks ?? defaults.locks,
  }
}

export function resolveHubCacheOptions(options: HubCacheOptions): ResolvedHubCacheOptions {
  return {
    ...resolveStoreOptions(options),
    root: options.root,
    layers: options.layers ?? [],
    readOnly: options.readOnly ?? false,
    disableSymlinks: options.disableSymlinks ?? false,
    reuseAcrossRepos: options.reuseAcrossRepos ?? true,
    looseLinks: options.looseLinks ?? defaults.looseLinks,
  }
}

export function resolveLocalDirOptions(options: LocalDirOptions): ResolvedLocalDirOptions {
  return {
    ...resolveStoreOptions(options),
    folder: options.folder,
    cache: options.cache,
    links: options.links ?? defaults.links,
    hardlinkMinBytes: options.hardlinkMinBytes ?? defaults.hardlinkMinBytes,
  }
}
