import type { RandomSource } from '@hfx/core'

/** Eight random lower-case hex characters, as both clients end their temporary names. */
export function randomHex(random: RandomSource): string {
  return Math.floor(random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0')
}

/** A name for a file that lives for a moment: Python's scanner passes over it in a repository folder. */
export function tempName(random: RandomSource): string {
  return `tmp_${randomHex(random)}${randomHex(random)}`
}

/** True for the names of {@link tempName} and for the probes of the Python client. */
export function isTempName(name: string): boolean {
  return name.startsWith('tmp') && /^tmp(?:_[0-9a-f-]{16,36}|[a-z0-9_]{8})$/.test(name)
}
