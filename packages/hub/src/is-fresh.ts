import type { CachePolicy } from '@hfx/core'

/** True when a revision was confirmed recently enough to be believed. One from the future never was: a clock is wrong. */
export function isFresh(policy: CachePolicy, checkedAtMs: number, nowMs: number): boolean {
  const ageMs = nowMs - checkedAtMs
  return policy.kind === 'revalidate' && ageMs >= 0 && ageMs < policy.ttlMs
}
