import type { Clock, FileLocation, StepOptions, TransferSource } from '@hfx/core'

/** Where a file's bytes are now; all lanes of the file share the answer. */
export interface Locator {
  /** The location, renewed shortly before it expires. */
  current(): Promise<FileLocation>
  /** Tells that a URL was refused; the next `current` asks again, unless somebody already has. */
  reject(url: string): void
}

const maxMarginMs = 30_000

export function createLocator(
  deps: { readonly clock: Clock },
  source: TransferSource,
  step: StepOptions,
): Locator {
  let known: { readonly location: FileLocation; readonly renewAtMs: number } | undefined
  let asking: Promise<FileLocation> | undefined
  let refused = false

  async function ask(): Promise<FileLocation> {
    const fresh = refused || known !== undefined
    const location = await source.locate({ ...step, fresh })
    refused = false
    known = { location, renewAtMs: renewAt(location, deps.clock.now()) }
    return location
  }

  return {
    current: () => {
      if (asking) return asking
      if (known && !refused && deps.clock.now() < known.renewAtMs)
        return Promise.resolve(known.location)
      asking = ask().finally(() => {
        asking = undefined
      })
      return asking
    },
    reject: (url) => {
      if (known?.location.url === url) refused = true
    },
  }
}

/** Ahead of the expiry, but never more than half the lifetime: a URL of 20 s must serve some requests too. */
function renewAt(location: FileLocation, nowMs: number): number {
  if (location.expiresAtMs === undefined) return Number.POSITIVE_INFINITY
  const lifetimeMs = Math.max(0, location.expiresAtMs - nowMs)
  return location.expiresAtMs - Math.min(maxMarginMs, lifetimeMs / 2)
}
