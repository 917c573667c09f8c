import type { ClaimName } from './name-claims.ts'
import type { ResolvedCacheDeps, ResolvedLocalDirOptions } from './options.ts'

/** What the parts of a local folder share. */
export interface LocalDirContext {
  readonly deps: ResolvedCacheDeps
  readonly options: ResolvedLocalDirOptions
  /** Real path of the folder. */
  folder(): string
  /** Gives a file the permissions that new files get in a folder. */
  setMode(path: string, folder: string): Promise<void>
  /** Refuses a name that this folder cannot hold beside those it has been given. */
  readonly claimName: ClaimName
  /** Files whose hash was found right, with the state they were in then. */
  readonly proven: Map<string, string>
}
