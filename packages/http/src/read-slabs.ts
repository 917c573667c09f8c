import { slabBytes, type Slab, type SlabPool } from './slab-pool.ts'

/** Where one socket's bytes go: slab after slab, no byte given out twice. */
export interface ReadSlabs {
  /** Room for the next read. */
  readonly target: Uint8Array
  /** `bytes` of the target have been filled; the next target follows them. `expectedBytes` are still to come. */
  advance(bytes: number, expectedBytes: number): void
  /** Some of what was read last is with a taker. */
  lend(): void
  /** The socket is gone. */
  retire(): void
}

/** A read smaller than this costs more than the rest of a slab is worth. */
const leastBytes = 64 * 1024

/** Slabs as large as what is expected: 64 KiB for small answers, up to 512 KiB for long ones. */
export function createReadSlabs(pool: SlabPool): ReadSlabs {
  let slab: Slab = pool.take(leastBytes)
  let used = 0
  return {
    get target() {
      return slab.bytes.subarray(used)
    },
    advance(bytes, expectedBytes) {
      used += bytes
      const size = slab.bytes.length
      const room = size - used
      const isFitForMore = size >= Math.min(slabBytes, expectedBytes)
      if (expectedBytes <= room ? room >= leastBytes / 4 : room >= leastBytes && isFitForMore)
        return
      slab.retire()
      slab = pool.take(Math.min(slabBytes, Math.max(leastBytes, expectedBytes)))
      used = 0
    },
    lend: () => slab.lend(),
    retire: () => slab.retire(),
  }
}
