import type { ByteBudget } from './byte-budget.ts'
import type { StagedWriter } from './staged-writer.ts'

/** Bytes per disk write: where fewer, larger writes stop saving processor time. */
const batchBytes = 1024 ** 2

/** Where batches go. */
export interface PartWriter extends Pick<StagedWriter, 'write'> {
  /** It holds on to the buffers after the write. @default false */
  readonly keepsBuffers?: boolean
}

/** Gives a chunk's memory back to who read it. */
export type ReleaseChunk = (chunk: Uint8Array) => void

export interface PartBufferDeps {
  readonly writer: PartWriter
  readonly budget: ByteBudget
  /** Called for each stretch that has reached the file. */
  onWritten(start: number, end: number): void
  onFailure(error: unknown): void
}

/** Collects the chunks of one range and writes them in batches. */
export interface PartBuffer {
  /**
   * Takes a chunk; true while there is room for more. Keeps `owned` chunks as they are, copies others.
   * An owned chunk that has been written is released.
   */
  push(chunk: Uint8Array, owned: boolean, release?: ReleaseChunk): boolean
  /** Writes what is left; when that has settled, the offset up to which everything has reached the file. */
  finish(): Promise<number>
}

export function createPartBuffer(deps: PartBufferDeps, position: number): PartBuffer {
  const { writer, budget } = deps
  const writing = new Set<Promise<void>>()
  const batch = createBatch()
  let at = position
  let failedAt = Number.POSITIVE_INFINITY

  function flush(): void {
    const bytes = batch.bytes
    if (bytes === 0) return
    const start = at
    at += bytes
    const { buffers, giveBack } = batch.seal()
    const write = writer
      .write(buffers, start)
      .then(
        () => deps.onWritten(start, start + bytes),
        (error: unknown) => {
          failedAt = Math.min(failedAt, start)
          deps.onFailure(error)
        },
      )
      .finally(() => {
        budget.release(bytes)
        if (writer.keepsBuffers !== true) giveBack()
        writing.delete(write)
      })
    writing.add(write)
  }

  return {
    push: (chunk, owned, release) => {
      batch.add(chunk, owned ? (release ?? keepChunk) : undefined)
      const hasRoom = budget.take(chunk.byteLength)
      // Without room even a small batch goes out: otherwise every lane could wait for another one's bytes.
      if (batch.bytes >= batchBytes || !hasRoom) flush()
      return hasRoom
    },
    finish: async () => {
      flush()
      await Promise.all(writing)
      return Math.min(at, failedAt)
    },
  }
}

/** Copies go into memory of this size, so that a slow line does not hold a whole batch's worth. */
const slabBytes = 256 * 1024

interface Batch {
  readonly bytes: number
  /** A chunk with a `release` is kept as it is, without one it is copied. */
  add(chunk: Uint8Array, release: ReleaseChunk | undefined): void
  /** The buffers so far, and a way to release those that are kept; the batch is empty afterwards. */
  seal(): { readonly buffers: readonly Uint8Array[]; giveBack(): void }
}

function keepChunk(): void {}

const noSlab = Buffer.alloc(0)

function createBatch(): Batch {
  let buffers: Uint8Array[] = []
  let loans: (() => void)[] = []
  let bytes = 0
  let slab = noSlab
  let used = 0

  function closeSlab(): void {
    if (used === 0) return
    buffers.push(slab.subarray(0, used))
    slab = slab.subarray(used)
    used = 0
  }

  function copy(chunk: Uint8Array): void {
    let rest = chunk
    while (rest.byteLength > 0) {
      if (used === slab.length) {
        closeSlab()
        slab = Buffer.allocUnsafeSlow(slabBytes)
      }
      const piece = rest.subarray(0, slab.length - used)
      slab.set(piece, used)
      used += piece.byteLength
      rest = rest.subarray(piece.byteLength)
    }
  }

  return {
    get bytes() {
      return bytes
    },
    add: (chunk, release) => {
      bytes += chunk.byteLength
      if (!release) return copy(chunk)
      closeSlab()
      buffers.push(chunk)
      loans.push(() => release(chunk))
    },
    seal: () => {
      closeSlab()
      const sealed = { buffers, giveBack: giveBackAll(loans) }
      buffers = []
      loans = []
      bytes = 0
      return sealed
    },
  }
}

function giveBackAll(loans: readonly (() => void)[]): () => void {
  return () => {
    for (const giveBack of loans) giveBack()
  }
}
