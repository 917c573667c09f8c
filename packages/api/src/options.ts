import { HubError } from '@hfx/core'

/** Which Hub {@link createHubApi} talks to, and how much it reads from it. */
export interface HubApiOptions {
  /** Address of the Hub; a path prefix is kept. @default 'https://huggingface.co' */
  readonly endpoint?: string
  /** Largest body of one answer that is read, in bytes. @default 67_108_864 */
  readonly maxBodyBytes?: number
  /** Most pages that one listing may have. @default 10_000 */
  readonly maxTreePages?: number
  /** Most entries, folders included, that one listing may have. @default 5_000_000 */
  readonly maxTreeEntries?: number
  /** Paths asked for in one request of `describePaths`. @default 500 */
  readonly pathsPerRequest?: number
}

export type ResolvedHubApiOptions = Required<HubApiOptions>

const defaults: ResolvedHubApiOptions = {
  endpoint: 'https://huggingface.co',
  maxBodyBytes: 64 * 1024 * 1024,
  maxTreePages: 10_000,
  maxTreeEntries: 5_000_000,
  pathsPerRequest: 500,
}

/** @throws HubError `HUB_INVALID_OPTION` when a count is no whole number above zero */
export function resolveHubApiOptions(options: HubApiOptions): ResolvedHubApiOptions {
  return {
    endpoint: options.endpoint ?? defaults.endpoint,
    maxBodyBytes: checkCount(options, 'maxBodyBytes'),
    maxTreePages: checkCount(options, 'maxTreePages'),
    maxTreeEntries: checkCount(options, 'maxTreeEntries'),
    pathsPerRequest: checkCount(options, 'pathsPerRequest'),
  }
}

function checkCount(
  options: HubApiOptions,
  name: Exclude<keyof HubApiOptions, 'endpoint'>,
): number {
  const count = options[name] ?? defaults[name]
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `${name} must be a whole number above zero, not ${String(count)}`,
  })
}
