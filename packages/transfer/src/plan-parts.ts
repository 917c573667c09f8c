import type { ByteRange } from './file-ranges.ts'

/** More parts than this make the journal and the queue heavy: a 1 TiB file then has parts of 64 MiB. */
const maxParts = 16_384
const largeFileBytes = 4 * 1024 ** 3

/** Bytes per part of a file: as asked, twice that for files past 4 GiB, more where there would be too many parts. */
export function planPartBytes(sizeBytes: number, partBytes: number): number {
  const wanted = sizeBytes > largeFileBytes ? partBytes * 2 : partBytes
  return Math.max(wanted, Math.ceil(sizeBytes / maxParts))
}

/** Cuts what is missing into parts, in file order. Parts end on multiples of `partBytes`, so that a resume cuts alike. */
export function planParts(missing: readonly ByteRange[], partBytes: number): ByteRange[] {
  const parts: ByteRange[] = []
  for (const range of missing) {
    let { start } = range
    while (start < range.end) {
      const end = Math.min(range.end, (Math.floor(start / partBytes) + 1) * partBytes)
      parts.push({ start, end })
      start = end
    }
  }
  return parts
}
