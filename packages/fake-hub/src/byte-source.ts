import { createCipheriv, createHash } from 'node:crypto'

/** Bytes that can be read anywhere, any number of times. May be far larger than memory. */
export interface ByteSource {
  readonly sizeBytes: number
  /** Names the content: equal fingerprints, equal bytes. */
  readonly fingerprint: string
  /** The bytes from `start` up to and without `end`; the caller keeps both within the size. */
  read(start: number, end: number): Uint8Array
}

/** A file whose bytes are made when they are asked for. */
export interface GenerateSpec {
  readonly sizeBytes: number
  /** Same seed, same bytes. @default 0 */
  readonly seed?: number
  /** Literal first bytes, for instance a safetensors header; counted in `sizeBytes`. @default empty */
  readonly head?: Uint8Array
}

/** The bytes of a buffer, which must not change any more. */
export function createBufferSource(bytes: Uint8Array | string): ByteSource {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  let fingerprint: string | undefined
  return {
    sizeBytes: buffer.byteLength,
    get fingerprint() {
      fingerprint ??= createHash('sha1').update(buffer).digest('hex')
      return fingerprint
    },
    read: (start, end) => buffer.subarray(start, end),
  }
}

/**
 * Pseudo-random bytes: the AES-128-CTR key stream of the seed. Incompressible, without repetition, at any offset
 * at the speed of the processor's AES unit, so that a part in the wrong place never looks right.
 * @throws RangeError when the size is no whole number or smaller than the head
 */
export function createGeneratedSource(spec: GenerateSpec): ByteSource {
  const { sizeBytes, seed = 0, head = new Uint8Array(0) } = spec
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < head.byteLength)
    throw new RangeError(`generate.sizeBytes ${sizeBytes} must be whole and hold the head`)
  const key = createHash('sha256').update(`hfx fake hub ${seed}`).digest().subarray(0, 16)
  const headPrint = createHash('sha1').update(head).digest('hex')
  return {
    sizeBytes,
    fingerprint: `aes-ctr:${seed}:${sizeBytes}:${headPrint}`,
    read(start, end) {
      if (start >= head.byteLength) return keyStream(key, start, end)
      if (end <= head.byteLength) return head.subarray(start, end)
      return Buffer.concat([head.subarray(start), keyStream(key, head.byteLength, end)])
    },
  }
}

const blockBytes = 16
const zeros = Buffer.alloc(1024 * 1024 + blockBytes)

function keyStream(key: Buffer, start: number, end: number): Buffer {
  const skip = start % blockBytes
  const counter = Buffer.alloc(blockBytes)
  counter.writeBigUInt64BE(BigInt((start - skip) / blockBytes), 8)
  const cipher = createCipheriv('aes-128-ctr', key, counter)
  const wanted = end - start + skip
  const input = wanted <= zeros.byteLength ? zeros.subarray(0, wanted) : Buffer.alloc(wanted)
  return cipher.update(input).subarray(skip)
}
