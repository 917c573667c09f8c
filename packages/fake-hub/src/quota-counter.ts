import { type Clock } from '@hfx/core'
import { type Quota, type Quotas } from './options.ts'

export type QuotaBucket = keyof Quota

/** What one more request means for its sender. */
export interface QuotaCount {
  readonly allowed: boolean
  /** `RateLimit` and `RateLimit-Policy` as the Hub writes them. */
  readonly headers: Readonly<Record<string, string>>
}

export interface QuotaCounter {
  /** Counts one request of a user name, or of an address when anonymous. */
  count(
    bucket: QuotaBucket,
    sender: { readonly user: string | undefined; readonly address: string },
  ): QuotaCount
}

const windowSeconds = 300

/** Fixed windows of five minutes, one per sender and bucket. */
export function createQuotaCounter(clock: Clock, quotas: Quotas): QuotaCounter {
  const windows = new Map<string, { readonly endsAtMs: number; used: number }>()
  return {
    count(bucket, sender) {
      const limit = (sender.user === undefined ? quotas.anonymous : quotas.user)[bucket]
      const key = `${bucket}:${sender.user ?? `@${sender.address}`}`
      let current = windows.get(key)
      if (!current || clock.now() >= current.endsAtMs) {
        current = { endsAtMs: clock.now() + windowSeconds * 1000, used: 0 }
        windows.set(key, current)
      }
      current.used++
      const left = Math.max(0, limit - current.used)
      const waitSeconds = Math.ceil((current.endsAtMs - clock.now()) / 1000)
      return {
        allowed: current.used <= limit,
        headers: {
          Ratelimit: `"${bucket}";r=${left};t=${waitSeconds}`,
          'Ratelimit-Policy': `"fixed window";"${bucket}";q=${limit};w=${windowSeconds}`,
        },
      }
    },
  }
}
