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

/**
 * A name without what terminals measure differently: joiners and variation selectors, which make one picture of several
 * here and not there. Columns stay in line everywhere; only a picture in a name may look plainer.
 */
export function plainName(text: string): string {
  return cleanText(text).replace(/[\p{Join_Control}\p{Variation_Selector}\p{Emoji_Modifier}]/gu, '')
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
  const pieces = Array.from(graphemes.segment(text), ({ segment }) => segment)
  const tail = takeColumns(pieces.toReversed(), Math.ceil((width - 1) / 2)).toReversed()
  const tailText = tail.join('')
  const head = takeColumns(pieces, width - 1 - widthOf(tailText)).join('')
  const fitted = `${head}…${tailText}`
  return fitted + ' '.repeat(Math.max(0, width - widthOf(fitted)))
}

/** What a reader takes for one character is never cut: flags, letters with marks. */
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

function takeColumns(pieces: readonly string[], columns: number): string[] {
  const taken: string[] = []
  let used = 0
  for (const piece of pieces) {
    used += widthOf(piece)
    if (used > columns) break
    taken.push(piece)
  }
  return taken
}
