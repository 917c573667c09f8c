/** A lock that is ours until it is released. */
export interface HeldLock {
  release(): Promise<void>
}

/** Why there is no lock now: somebody has it, this volume cannot lock, or the mechanism itself is not here. */
export type NoLock = 'busy' | 'unsupported' | 'absent'

/** One mechanism that excludes other processes. */
export interface LockBackend {
  readonly name: 'koffi' | 'flock' | 'open' | 'soft'
  /** How often to ask again, in milliseconds: asking costs microseconds here and a process there. */
  readonly pollMs: number
  /** Files below this many bytes are not locked between processes: fetching them twice costs less than the lock. */
  readonly minBytes: number
  /** The lock or why not. Rejects when the lock file cannot be opened. */
  tryLock(path: string): Promise<HeldLock | NoLock>
}
