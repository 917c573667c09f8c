/** The kinds of repository whose files the Hub serves by `/resolve/`. */
export type RepoType = 'model' | 'dataset' | 'space' | 'kernel'

/** Every {@link RepoType}. */
export const repoTypes: readonly RepoType[] = ['model', 'dataset', 'space', 'kernel']

/** One repository of the Hub: `{ type: 'model', id: 'openai/whisper-tiny' }`. */
export interface RepoRef {
  readonly type: RepoType
  /** `name` or `namespace/name`, checked by {@link parseRepoId}. */
  readonly id: string
}

/** A revision as it was asked for and the commit that it meant at that moment. */
export interface ResolvedRevision {
  /** Branch, tag, `refs/pr/N`, short or full commit hash. */
  readonly requested: string
  /** 40 lower-case hex characters. */
  readonly commit: string
}

/** What `/api/{type}s/{id}/revision/{rev}` tells, as far as downloads care. */
export interface RepoInfo {
  readonly repo: RepoRef
  readonly commit: string
  readonly private: boolean
  /** `false`, or how access is granted. */
  readonly gated: false | 'auto' | 'manual'
  readonly disabled: boolean
  /** ISO 8601. */
  readonly lastModified?: string
  readonly tags: readonly string[]
  /** Bytes over all revisions, where the Hub tells. */
  readonly usedStorageBytes?: number
}

/** One branch, tag or pull-request ref of a repository. */
export interface GitRef {
  /** Short name: `main`, `v1.0`, `refs/pr/3`. */
  readonly name: string
  /** Full name: `refs/heads/main`. */
  readonly ref: string
  readonly commit: string
}

/** Every branch, tag and pull request of a repository. */
export interface RepoRefs {
  readonly branches: readonly GitRef[]
  readonly tags: readonly GitRef[]
  readonly converts: readonly GitRef[]
  readonly pullRequests: readonly GitRef[]
}

/** The account behind a token: `/api/whoami-v2`. */
export interface Account {
  readonly name: string
  readonly type: string
  readonly fullName?: string
  readonly orgs: readonly string[]
  /** Display name of the token in use, where the Hub tells. */
  readonly tokenName?: string
  /** `read`, `write` or `fineGrained`, where the Hub tells. */
  readonly tokenRole?: string
}
