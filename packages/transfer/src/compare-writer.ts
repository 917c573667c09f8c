import type { PartWriter } from './part-buffer.ts'
import type { StagedWriter } from './staged-writer.ts'

/** Writes only what differs from what the file holds, and tells where that was. */
export function createComparingWriter(
  file: Pick<StagedWriter, 'read' | 'write'>,
  onChange: (position: number) => void,
): PartWriter {
  return {
    write: async (buffers, position) => {
      const arrived = Buffer.concat(buffers)
      const held = Buffer.allocUnsafe(arrived.length)
      const count = await file.read(held, position)
      if (count === held.length && arrived.equals(held)) return
      await file.write([arrived], position)
      onChange(position)
    },
  }
}
