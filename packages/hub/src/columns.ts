/** Texts of a long list as bytes: their length and eight bytes each, where a string takes some thirty more. */
export interface TextColumn {
  push(text: string): void
  at(index: number): string
}

/** Numbers of a long list, eight bytes each. */
export interface NumberColumn {
  push(value: number): void
  at(index: number): number
}

export function createTextColumn(): TextColumn {
  const ends = createNumberColumn()
  let bytes = Buffer.alloc(0)
  let count = 0
  let used = 0
  return {
    push(text) {
      const needed = used + Buffer.byteLength(text)
      if (needed > bytes.length) bytes = grow(bytes, needed)
      used += bytes.write(text, used)
      ends.push(used)
      count += 1
    },
    at(index) {
      if (index >= count) throw new RangeError(`there are ${count} texts, none at ${index}`)
      return bytes.toString('utf8', index === 0 ? 0 : ends.at(index - 1), ends.at(index))
    },
  }
}

export function createNumberColumn(): NumberColumn {
  let values = new Float64Array(16)
  let count = 0
  return {
    push(value) {
      if (count === values.length) {
        const larger = new Float64Array(count + Math.ceil(count / 2))
        larger.set(values)
        values = larger
      }
      values[count] = value
      count += 1
    },
    at(index) {
      const value = index < count ? values[index] : undefined
      if (value === undefined) throw new RangeError(`there are ${count} numbers, none at ${index}`)
      return value
    },
  }
}

function grow(bytes: Buffer<ArrayBuffer>, needed: number): Buffer<ArrayBuffer> {
  const larger = Buffer.alloc(Math.max(needed, 4096, Math.ceil(bytes.length * 1.5)))
  bytes.copy(larger)
  return larger
}
