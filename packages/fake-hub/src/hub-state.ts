import { type ResolvedFakeHubOptions } from './options.ts'
import { type RepoStore } from './repo-store.ts'
import { type UrlSigner } from './sign-url.ts'
import { type StoredFile } from './stored-file.ts'

/** What the routes work with. */
export interface HubState {
  readonly options: ResolvedFakeHubOptions
  readonly store: RepoStore
  readonly signer: UrlSigner
  /** Files handed out by signed URL, by the path of that URL. */
  readonly blobs: Map<string, StoredFile>
  /** Origins, known once both servers listen. */
  readonly origins: { hub: string; cdn: string }
}
