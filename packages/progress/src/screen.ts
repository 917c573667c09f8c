import { type Terminal, widthOf } from './terminal.ts'

/** The bottom of a terminal, whose lines are drawn over again and again. */
export interface Screen {
  /** Puts lines that stay above the lines that move, in one write; writes nothing when nothing differs. */
  show(staying: readonly string[], moving: readonly string[]): void
}

/** Shows a frame as a whole, where the terminal knows how; others pass over it. */
const begin = '\u001B[?2026h'
const finish = '\u001B[?2026l'
const eraseToEnd = '\u001B[K'
const eraseBelow = '\u001B[J'

/** Draws on a terminal without ever clearing what is not its own. The cursor stays below what was drawn. */
export function createScreen(terminal: Terminal): Screen {
  let drawn: readonly string[] = []

  /** A terminal that became narrower has wrapped what was drawn. */
  function backToTop(): string {
    const columns = Math.max(1, terminal.columns)
    const rowsOf = (line: string): number => Math.max(1, Math.ceil(widthOf(line) / columns))
    const rows = drawn.reduce((sum, line) => sum + rowsOf(line), 0)
    return rows === 0 ? '' : `\u001B[${rows}A\r`
  }

  return {
    show(staying, moving) {
      if (staying.length === 0 && isSame(moving, drawn)) return
      const text = [...staying, ...moving].map((line) => `${line}${eraseToEnd}\n`).join('')
      terminal.write(`${begin}${backToTop()}${text}${eraseBelow}${finish}`)
      drawn = moving
    },
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, at) => line === b[at])
}
