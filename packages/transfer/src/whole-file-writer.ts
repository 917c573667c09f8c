import type { Clock } from '@hfx/core'
import type { PartWriter } from './part-buffer.ts'
import { createStagedFile, writeNewFileSync } from './staged-writer.ts'

/** Writes files that are complete in memory. */
export interface WholeFileWriter {
  /** Creates the file with these bytes. Rejects with a `DiskError`. */
  writeFile(path: string, buffers: readonly Uint8Array[], options: WholeFileOptions): Promise<void>
}

export interface WholeFileOptions {
  readonly durable: boolean
}

/** A local disk takes a small file in well under a millisecond. */
const slowMs = 20
const maxSlow = 5

/**
 * Three system calls for a file, made on the spot while the disk takes them at once: handing each to the thread
 * pool costs several times what it does. A disk that has been slow some times is written through the pool from then on.
 */
export function createWholeFileWriter(clock: Clock): WholeFileWriter {
  let slow = 0
  return {
    writeFile: async (path, buffers, { durable }) => {
      if (durable || slow >= maxSlow) return writePooled(path, buffers, durable)
      const startMs = clock.monotonic()
      writeNewFileSync(path, buffers)
      if (clock.monotonic() - startMs > slowMs) slow += 1
    },
  }
}

async function writePooled(
  path: string,
  buffers: readonly Uint8Array[],
  durable: boolean,
): Promise<void> {
  const writer = await createStagedFile(path)
  try {
    await writer.write(buffers, 0)
    if (durable) await writer.sync()
  } finally {
    await writer.close()
  }
}

/** A file that is being collected in memory: takes the writes of one connection, in order. */
export interface MemoryFile {
  readonly writer: PartWriter
  readonly buffers: readonly Uint8Array[]
}

export function createMemoryFile(): MemoryFile {
  let buffers: Uint8Array[] = []
  let size = 0
  return {
    writer: {
      keepsBuffers: true,
      write: (added, position) => {
        // A server that does not do ranges starts over from the beginning.
        if (position < size) {
          buffers = [Buffer.concat(buffers).subarray(0, position)]
          size = position
        }
        buffers.push(...added)
        size = added.reduce((sum, buffer) => sum + buffer.byteLength, size)
        return Promise.resolve()
      },
    },
    get buffers() {
      return buffers
    },
  }
}
