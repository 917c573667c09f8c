import { visible } from '@hfx/core'
import { widthOf } from '@hfx/progress'

export interface Column {
  readonly title: string
  /** @default 'left' */
  readonly align?: 'left' | 'right'
  /** May be cut at this side when the table is too wide; other columns never are. */
  readonly cut?: 'start' | 'end'
}

const gap = '  '
const least = 12

/** Columns aligned under their titles, within `width` where a column may be cut. No trailing blanks. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const cells = rows.map((row) => row.map(visible))
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...cells.map((row) => widthOf(row[at] ?? ''))),
  )
  const tooWide = sum(widths) + gap.length * (columns.length - 1) - width
  const flexible = columns.findIndex((column) => column.cut)
  const wide = widths[flexible]
  if (tooWide > 0 && wide !== undefined) widths[flexible] = Math.max(least, wide - tooWide)
  const lines = [columns.map((column) => column.title), ...cells].map((row) =>
    columns
      .map((column, at) => fit(row[at] ?? '', widths[at] ?? 0, column))
      .join(gap)
      .trimEnd(),
  )
  return lines.join('\n')
}

function fit(text: string, width: number, column: Column): string {
  const cut = widthOf(text) > width ? cutTo(text, width, column.cut ?? 'end') : text
  const blanks = ' '.repeat(Math.max(0, width - widthOf(cut)))
  return column.align === 'right' ? blanks + cut : cut + blanks
}

/** So many of the characters as fit beside the mark; wide ones take two columns. */
function cutTo(text: string, width: number, side: 'start' | 'end'): string {
  const chars = Array.from(text)
  const taken: string[] = []
  for (const char of side === 'start' ? chars.toReversed() : chars) {
    if (widthOf(taken.join('')) + widthOf(char) > width - 1) break
    taken.push(char)
  }
  return side === 'start' ? `…${taken.toReversed().join('')}` : `${taken.join('')}…`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
