import {
  close,
  closeSync,
  constants,
  fdatasync,
  fstat,
  ftruncate,
  open,
  openSync,
  read,
  type Stats,
  writev,
  writevSync,
} from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { describeDiskError, errnoOf } from './disk-error.ts'

// A partial in a shared folder could have been swapped for a link to somewhere else.
const reopenFlags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)

const unusable = new Set(['ENOENT', 'EACCES', 'EPERM', 'ELOOP'])

/** One open file that takes bytes at positions. The only file handle of a transfer. */
export interface StagedWriter {
  readonly path: string
  /** For hashing in another thread; valid until `close`. */
  readonly fd: number
  /** Writes all buffers one after another from `position`. Rejects with a `DiskError`. */
  write(buffers: readonly Uint8Array[], position: number): Promise<void>
  /** Fills the buffer from `position`; fewer bytes only at the end of the file. */
  read(buffer: Uint8Array, position: number): Promise<number>
  size(): Promise<number>
  /** Waits until the bytes are on the device. */
  sync(): Promise<void>
  /** True while `path` still names this file: others may prune partials at any time. */
  isLinked(): Promise<boolean>
  close(): Promise<void>
}

/** Creates a file that nobody else has, of the final size where given. Rejects when the name is taken. */
export async function createStagedFile(path: string, sizeBytes?: number): Promise<StagedWriter> {
  const writer = createWriter(path, await openFile(path, 'wx+'))
  if (sizeBytes === undefined) return writer
  try {
    await resize(writer.fd, sizeBytes)
    return writer
  } catch (error) {
    await writer.close()
    await rm(path, { force: true })
    throw describeDiskError(error, path)
  }
}

/** Creates a file of these bytes and closes it, on the spot. @throws DiskError, also when the name is taken */
export function writeNewFileSync(path: string, buffers: readonly Uint8Array[]): void {
  try {
    const fd = openSync(path, 'wx')
    try {
      for (let rest = buffers, at = 0; rest.length > 0;) {
        const written = writevSync(fd, rest, at)
        at += written
        rest = dropBytes(rest, written)
      }
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw describeDiskError(error, path)
  }
}

/** Opens a partial that an earlier run left; undefined when it is gone, or not this user's to write. */
export async function findStagedFile(
  path: string,
  sizeBytes: number,
): Promise<StagedWriter | undefined> {
  let fd: number
  try {
    fd = await callOpen(path, reopenFlags)
  } catch (error) {
    if (unusable.has(errnoOf(error) ?? '')) return undefined
    throw describeDiskError(error, path)
  }
  const writer = createWriter(path, fd)
  try {
    await resize(fd, sizeBytes)
    return writer
  } catch (error) {
    await writer.close()
    throw describeDiskError(error, path)
  }
}

/** Opens a finished file for reading only. Rejects with the system's error. */
export async function openForReading(path: string): Promise<StagedWriter> {
  return createWriter(path, await callOpen(path, 'r'))
}

async function openFile(path: string, flags: string): Promise<number> {
  try {
    return await callOpen(path, flags)
  } catch (error) {
    throw describeDiskError(error, path)
  }
}

function createWriter(path: string, fd: number): StagedWriter {
  let closing: Promise<void> | undefined
  return {
    path,
    fd,
    write: async (buffers, position) => {
      try {
        await writeAll(fd, buffers, position)
      } catch (error) {
        throw describeDiskError(error, path)
      }
    },
    read: (buffer, position) => readFull(fd, buffer, position),
    size: async () => (await callFstat(fd)).size,
    sync: () => settle((done) => fdatasync(fd, done)),
    isLinked: () => isLinked(fd, path),
    close: () => (closing ??= settle((done) => close(fd, done))),
  }
}

/** A short write is the system's way to announce a full disk: the next call then says so. */
async function writeAll(
  fd: number,
  buffers: readonly Uint8Array[],
  position: number,
): Promise<void> {
  let rest: readonly Uint8Array[] = buffers
  let at = position
  while (rest.length > 0) {
    const written = await callWritev(fd, rest, at)
    at += written
    rest = dropBytes(rest, written)
  }
}

function dropBytes(buffers: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let left = count
  for (const [index, buffer] of buffers.entries()) {
    if (left < buffer.byteLength) return [buffer.subarray(left), ...buffers.slice(index + 1)]
    left -= buffer.byteLength
  }
  return []
}

async function readFull(fd: number, buffer: Uint8Array, position: number): Promise<number> {
  let filled = 0
  while (filled < buffer.byteLength) {
    const count = await callRead(fd, buffer.subarray(filled), position + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}

async function isLinked(fd: number, path: string): Promise<boolean> {
  const { ino } = await callFstat(fd)
  try {
    return (await stat(path)).ino === ino
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw describeDiskError(error, path)
  }
}

function resize(fd: number, sizeBytes: number): Promise<void> {
  return settle((done) => ftruncate(fd, sizeBytes, done))
}

// Callbacks instead of node:fs/promises: no FileHandle object and a third of the promises on the byte path.
function settle(call: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error ? reject(error) : resolve()))
  })
}

function callOpen(path: string, flags: string | number): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, flags, (error, fd) => (error ? reject(error) : resolve(fd)))
  })
}

function callFstat(fd: number): Promise<Stats> {
  return new Promise((resolve, reject) => {
    fstat(fd, (error, stats) => (error ? reject(error) : resolve(stats)))
  })
}

function callWritev(fd: number, buffers: readonly Uint8Array[], at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writev(fd, buffers, at, (error, written) => (error ? reject(error) : resolve(written)))
  })
}

function callRead(fd: number, buffer: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.byteLength, position, (error, count) =>
      error ? reject(error) : resolve(count),
    )
  })
}
