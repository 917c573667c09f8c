import type { ByteRange } from './file-ranges.ts'

/** A range that has reached the file, with the fingerprint of what was sent there. */
export interface PrintedRange extends ByteRange {
  /** See {@link extendPrint}. Absent where an older journal told none. */
  readonly print?: number
}

/** The fingerprint of no bytes. */
export const emptyPrint = 0x811c9dc5
const prime = 0x01000193
const pageBytes = 4096
const readBytes = 8

/**
 * The fingerprint of a range with one more chunk: FNV-1a over the first bytes of each page of the file. Disks lose
 * whole pages, so this finds what was never written, cut off or written over, at a hundredth of the cost of a digest of
 * every byte. A single bit that tips over it does not see: that is for the content's hash.
 */
export function extendPrint(print: number, chunk: Uint8Array, position: number): number {
  const end = position + chunk.byteLength
  let next = print
  for (let page = position - (position % pageBytes); page < end; page += pageBytes) {
    const last = Math.min(page + readBytes, end)
    for (let at = Math.max(page, position); at < last; at += 1)
      next = Math.imul(next ^ (chunk[at - position] ?? 0), prime)
  }
  return next >>> 0
}
