import { createCipheriv, createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ByteSource } from '@hfx/fake-hub'

/** A file of the data origin: on disk under its sha256. */
export interface Blob {
  readonly sha256: string
  readonly sizeBytes: number
  readonly path: string
}

const sliceBytes = 4 * 1024 ** 2

/** Makes a blob, or finds it from an earlier run. `sparse` is all zeros and takes no room. */
export async function makeBlob(
  folder: string,
  what: { readonly sizeBytes: number; readonly seed: number; readonly sparse?: boolean },
): Promise<Blob> {
  await mkdir(folder, { recursive: true })
  const name = join(folder, `${what.sizeBytes}-${what.sparse ? 'zeros' : what.seed}.sha256`)
  const known = (await readFile(name, 'utf8').catch(() => '')).trim()
  const knownPath = join(folder, known)
  const knownSize =
    known === ''
      ? -1
      : await stat(knownPath).then(
          ({ size }) => size,
          () => -1,
        )
  if (knownSize === what.sizeBytes)
    return { sha256: known, sizeBytes: what.sizeBytes, path: knownPath }
  const partial = join(folder, 'partial')
  const sha256 = await writeBlob(partial, what)
  const path = join(folder, sha256)
  await rename(partial, path)
  await writeFile(name, sha256)
  return { sha256, sizeBytes: what.sizeBytes, path }
}

async function writeBlob(
  path: string,
  what: { readonly sizeBytes: number; readonly seed: number; readonly sparse?: boolean },
): Promise<string> {
  const zeros = Buffer.alloc(sliceBytes)
  const key = createHash('sha256').update(`bench ${what.seed}`).digest().subarray(0, 16)
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16))
  const hash = createHash('sha256')
  await using file = await open(path, 'w')
  for (let at = 0; at < what.sizeBytes; at += sliceBytes) {
    const slice = zeros.subarray(0, Math.min(sliceBytes, what.sizeBytes - at))
    const bytes = what.sparse ? slice : cipher.update(slice)
    hash.update(bytes)
    if (!what.sparse) await file.write(bytes, 0, bytes.length, at)
  }
  await file.truncate(what.sizeBytes)
  return hash.digest('hex')
}

/** The blob for the fake Hub, read from disk when it is the data origin itself. */
export function blobSource(blob: Blob): ByteSource {
  return {
    sizeBytes: blob.sizeBytes,
    fingerprint: blob.sha256,
    read(start, end) {
      const bytes = Buffer.allocUnsafe(end - start)
      const file = openSync(blob.path, 'r')
      try {
        readSync(file, bytes, 0, bytes.length, start)
      } finally {
        closeSync(file)
      }
      return bytes
    },
  }
}
