import stringWidth from 'string-width'

/** What a renderer needs of a terminal or pipe. */
export interface Terminal {
  /** Takes text as it is. */
  write(text: string): void
  /** True while the other side does not read: frames are dropped until it does. */
  readonly busy: boolean
  readonly isTTY: boolean
  readonly columns: number
  readonly rows: number
}

/** The part of a Node stream that a terminal is made of. */
export interface TerminalStream {
  write(text: string): unknown
  readonly writableNeedDrain: boolean
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

/** The terminal behind a Node stream such as `process.stderr`. */
export function createTerminal(stream: TerminalStream): Terminal {
  return {
    write(text) {
      stream.write(text)
    },
    get busy() {
      return stream.writableNeedDrain
    },
    get isTTY() {
      return stream.isTTY === true
    },
    get columns() {
      return stream.columns || 80
    },
    get rows() {
      return stream.rows || 24
    },
  }
}

/** Text from elsewhere as one line: what would move the cursor, hide or turn text around is left out. */
export function cleanText(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, '')
}

/** Columns that a text takes; wide characters take two, escape codes none. */
export function widthOf(text: string): number {
  return stringWidth(text)
}

/** The text in exactly `width` columns: filled with blanks, or its middle left out. */
export function fitTo(text: string, width: number): string {
  if (width <= 0) return ''
  const own = widthOf(text)
  if (own <= width) return text + ' '.repeat(width - own)
  const tail = takeColumns(Array.from(text).toReversed(), Math.ceil((width - 1) / 2)).toReversed()
  const tailText = tail.join('')
  const head = takeColumns(Array.from(text), width - 1 - widthOf(tailText)).join('')
  const fitted = `${head}…${tailText}`
  return fitted + ' '.repeat(Math.max(0, width - widthOf(fitted)))
}

function takeColumns(chars: readonly string[], columns: number): string[] {
  const taken: string[] = []
  let used = 0
  for (const char of chars) {
    used += widthOf(char)
    if (used > columns) break
    taken.push(char)
  }
  return taken
}
