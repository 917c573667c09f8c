/** A run of bytes: `start` is in it, `end` is one past it. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** The ranges with one more, sorted and merged where they touch or overlap. */
export function addRange(ranges: readonly ByteRange[], added: ByteRange): readonly ByteRange[] {
  if (added.end <= added.start) return ranges
  const before: ByteRange[] = []
  const after: ByteRange[] = []
  let { start, end } = added
  for (const range of ranges) {
    if (range.end < start) before.push(range)
    else if (range.start > end) after.push(range)
    else {
      start = Math.min(start, range.start)
      end = Math.max(end, range.end)
    }
  }
  return [...before, { start, end }, ...after]
}

/** The ranges sorted and merged, empty ones left out: what adding them one by one comes to, for any number of them. */
export function mergeRanges(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: { start: number; end: number }[] = []
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (end <= start) continue
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else merged.push({ start, end })
  }
  return merged
}

/** What lies inside `[0, sizeBytes)` and in none of the sorted ranges. */
export function missingRanges(ranges: readonly ByteRange[], sizeBytes: number): ByteRange[] {
  const missing: ByteRange[] = []
  let at = 0
  for (const range of ranges) {
    if (range.start > at) missing.push({ start: at, end: Math.min(range.start, sizeBytes) })
    at = Math.max(at, range.end)
  }
  if (at < sizeBytes) missing.push({ start: at, end: sizeBytes })
  return missing
}

/** The parts of `wanted` that no sorted range covers. */
export function subtractRanges(
  wanted: readonly ByteRange[],
  ranges: readonly ByteRange[],
): ByteRange[] {
  return wanted.flatMap((piece) =>
    missingRanges(
      ranges
        .filter((range) => range.end > piece.start && range.start < piece.end)
        .map((range) => ({
          start: Math.max(0, range.start - piece.start),
          end: Math.min(range.end, piece.end) - piece.start,
        })),
      piece.end - piece.start,
    ).map((gap) => ({ start: gap.start + piece.start, end: gap.end + piece.start })),
  )
}

/** Bytes in all ranges together. */
export function sumRanges(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, range) => sum + range.end - range.start, 0)
}

/** How far the bytes reach without a gap from offset 0. */
export function contiguousEnd(ranges: readonly ByteRange[]): number {
  const first = ranges[0]
  return first?.start === 0 ? first.end : 0
}
