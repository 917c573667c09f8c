import type { ByteBudget } from './byte-budget.ts'
import type { StagedWriter } from './staged-writer.ts'

/** Bytes per disk write: where fewer, larger writes stop saving processor time. */
const batchBytes = 1024 ** 2

export interface PartBufferDeps {
  readonly writer: StagedWriter
  readonly budget: ByteBudget
  /** Called for each stretch that has reached the file. */
  onWritten(start: number, end: number): void
  onFailure(error: unknown): void
}

/** Collects the chunks of one range and writes them in batches. */
export interface PartBuffer {
  /** Takes a chunk; true while there is room for more. Keeps `owned` chunks as they are, copies others. */
  push(chunk: Uint8Array, owned: boolean): boolean
  /** Writes what is left and resolves when all of it has reached the file, or has failed to. */
  finish(): Promise<void>
}

export function createPartBuffer(deps: PartBufferDeps, position: number): PartBuffer {
  const { writer, budget } = deps
  const writing = new Set<Promise<void>>()
  let at = position
  let chunks: Uint8Array[] = []
  let collected = 0
  let slab: Buffer | undefined
  let slabUsed = 0

  function flush(): void {
    if (collected === 0) return
    const start = at
    const bytes = collected
    const batch = sealBatch()
    at += bytes
    const write = writer
      .write(batch, start)
      .then(() => deps.onWritten(start, start + bytes), deps.onFailure)
      .finally(() => {
        budget.release(bytes)
        writing.delete(write)
      })
    writing.add(write)
  }

  function sealBatch(): Uint8Array[] {
    const batch = slab ? [...chunks, slab.subarray(0, slabUsed)] : chunks
    chunks = []
    collected = 0
    slab = undefined
    slabUsed = 0
    return batch
  }

  function copy(chunk: Uint8Array): void {
    let rest = chunk
    while (rest.byteLength > 0) {
      slab ??= Buffer.allocUnsafeSlow(Math.max(rest.byteLength, slabBytes))
      const piece = rest.subarray(0, slab.length - slabUsed)
      slab.set(piece, slabUsed)
      slabUsed += piece.byteLength
      rest = rest.subarray(piece.byteLength)
      if (slabUsed < slab.length) continue
      chunks.push(slab)
      slab = undefined
      slabUsed = 0
    }
  }

  return {
    push: (chunk, owned) => {
      if (owned) chunks.push(chunk)
      else copy(chunk)
      collected += chunk.byteLength
      const hasRoom = budget.take(chunk.byteLength)
      // Without room even a small batch goes out: otherwise every lane could wait for another one's bytes.
      if (collected >= batchBytes || !hasRoom) flush()
      return hasRoom
    },
    finish: async () => {
      flush()
      await Promise.all(writing)
    },
  }
}

/** Copies go into memory of this size, so that a slow line does not hold a whole batch's worth. */
const slabBytes = 256 * 1024
