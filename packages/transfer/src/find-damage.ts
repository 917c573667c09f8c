import type { ByteRange } from './file-ranges.ts'
import { emptyPrint, extendPrint, type PrintedRange } from './spot-print.ts'
import type { StagedWriter } from './staged-writer.ts'

const readBytes = 1024 ** 2

/** Ranges in which the disk no longer holds what was written there. */
export async function findDamage(
  file: Pick<StagedWriter, 'read'>,
  printed: readonly PrintedRange[],
): Promise<ByteRange[]> {
  const buffer = Buffer.allocUnsafe(readBytes)
  const damaged: ByteRange[] = []
  for (const range of printed) {
    if (range.print === undefined) continue
    const print = await readPrint(file, range, buffer)
    if (print !== range.print) damaged.push(range)
  }
  return damaged
}

async function readPrint(
  file: Pick<StagedWriter, 'read'>,
  range: ByteRange,
  buffer: Buffer,
): Promise<number | undefined> {
  let print = emptyPrint
  for (let at = range.start; at < range.end;) {
    const wanted = Math.min(buffer.length, range.end - at)
    const count = await file.read(buffer.subarray(0, wanted), at)
    if (count === 0) return undefined
    print = extendPrint(print, buffer.subarray(0, count), at)
    at += count
  }
  return print
}
