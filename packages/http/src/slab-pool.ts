/** Memory that sockets read into and that comes back when its bytes have been written. */
export interface SlabPool {
  /** A slab of at least so many bytes. */
  take(bytes: number): Slab
  /** Takes a lent chunk back. Chunks of other memory are ignored; those that never come back are left to the collector. */
  release(chunk: Uint8Array): void
}

export interface Slab {
  readonly bytes: Uint8Array
  /** Some of its bytes are with a taker, until `release`. */
  lend(): void
  /** No more is read into it: it is free for others as soon as nothing of it is lent. */
  retire(): void
}

/** Only slabs of this size are used again: small ones come and go with small answers. */
export const slabBytes: number = 512 * 1024
const maxFree = 32

export function createSlabPool(): SlabPool {
  const free: Uint8Array[] = []
  const lent = new WeakMap<ArrayBufferLike, () => void>()
  return {
    take(bytes) {
      const memory = (bytes === slabBytes ? free.pop() : undefined) ?? Buffer.allocUnsafeSlow(bytes)
      let out = 0
      let retired = false
      const settle = (): void => {
        if (!retired || out > 0) return
        lent.delete(memory.buffer)
        if (memory.length === slabBytes && free.length < maxFree) free.push(memory)
      }
      lent.set(memory.buffer, () => {
        out -= 1
        settle()
      })
      return {
        bytes: memory,
        lend: () => {
          out += 1
        },
        retire() {
          if (retired) return
          retired = true
          settle()
        },
      }
    },
    release: (chunk) => lent.get(chunk.buffer)?.(),
  }
}
