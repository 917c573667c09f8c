import { type RepoType } from '@hfx/core'
import { type ByteSource, type GenerateSpec } from './byte-source.ts'

/** A file's content: text or bytes of a git file, or the long form. */
export type FileSpec = string | Uint8Array | DetailedFileSpec

/** Exactly one of `bytes`, `generate` and `source` gives the content. */
export interface DetailedFileSpec {
  readonly bytes?: Uint8Array | string
  /** Content made on the fly, of any size. */
  readonly generate?: GenerateSpec
  /** Content of your own. */
  readonly source?: ByteSource
  /** Stored as LFS: a pointer in git, the bytes on the data origin. @default true with `xetHash`, else false */
  readonly lfs?: boolean
  /** The sha256 to tell without computing it, for files too large to hash. A wrong one makes a corrupt file. */
  readonly trustSha256?: string
  /** Told in listings and as `X-Xet-Hash`. */
  readonly xetHash?: string
  /** Sent verbatim as the file's ETag (`X-Linked-Etag` for LFS), for hostile ones. @default the quoted hash */
  readonly etag?: string
}

/** The whole tree of one commit. */
export interface CommitSpec {
  /** By repository path; any name is served, also hostile ones. Or a listing made on the fly. */
  readonly files: Readonly<Record<string, FileSpec>> | LazyTree
  /** @default `Commit <n>` */
  readonly title?: string
  /** ISO 8601. @default one day after the commit before it */
  readonly date?: string
  /** Told as the commit's hash, hostile ones included. @default a hash of the content */
  readonly hash?: string
  /** Sent as the items of the tree listing instead of what `files` holds. */
  readonly rawListing?: readonly unknown[]
}

/** A listing too large to hold: entries in git order, each folder before what it holds. */
export interface LazyTree {
  readonly entryCount: number
  /** Names the whole content: equal fingerprints, equal trees. */
  readonly fingerprint: string
  /** The entry at a position, from 0. */
  entryAt(index: number): LazyEntry
  /** Position of a path, or -1. */
  indexOf(path: string): number
}

/** One entry of a listing made on the fly. */
export interface LazyEntry {
  readonly path: string
  /** Undefined for a folder. */
  readonly file?: FileSpec
}

/** One repository of the fake Hub. */
export interface RepoSpec {
  /** `name` or `namespace/name`. */
  readonly id: string
  /** @default 'model' */
  readonly type?: RepoType
  /** Only users with access see it. @default false */
  readonly private?: boolean
  /** Everyone sees the listing, only users with access get the files. @default not gated */
  readonly gated?: 'auto' | 'manual'
  /** Answers 403 to everyone. @default false */
  readonly disabled?: boolean
  /** Answers a relative 307 to this repository of the same type. */
  readonly renamedTo?: string
  /** Oldest first; the last is `main` unless `branches` says otherwise. @default one empty commit */
  readonly commits?: readonly CommitSpec[]
  /** Branch to index into `commits`. @default main is the last */
  readonly branches?: Readonly<Record<string, number>>
  /** Tag to index into `commits`. @default none */
  readonly tags?: Readonly<Record<string, number>>
  /** Pull request number to index into `commits`: `refs/pr/N`. @default none */
  readonly prs?: Readonly<Record<number, number>>
  /** Conversion name to index into `commits`: `refs/convert/<name>`. @default none */
  readonly converts?: Readonly<Record<string, number>>
  /** Tags of the card, as `/api/models` tells them. @default none */
  readonly cardTags?: readonly string[]
}
