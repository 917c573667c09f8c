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
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...rows.map((row) => lengthOf(row[at] ?? ''))),
  )
  const tooWide = sum(widths) + gap.length * (columns.length - 1) - width
  const flexible = columns.findIndex((column) => column.cut)
  const wide = widths[flexible]
  if (tooWide > 0 && wide !== undefined) widths[flexible] = Math.max(least, wide - tooWide)
  const lines = [columns.map((column) => column.title), ...rows].map((row) =>
    columns
      .map((column, at) => fit(row[at] ?? '', widths[at] ?? 0, column))
      .join(gap)
      .trimEnd(),
  )
  return lines.join('\n')
}

function fit(text: string, width: number, column: Column): string {
  const cut = lengthOf(text) > width ? cutTo(text, width, column.cut ?? 'end') : text
  const blanks = ' '.repeat(Math.max(0, width - lengthOf(cut)))
  return column.align === 'right' ? blanks + cut : cut + blanks
}

function cutTo(text: string, width: number, side: 'start' | 'end'): string {
  const chars = Array.from(text)
  return side === 'start'
    ? `…${chars.slice(chars.length - width + 1).join('')}`
    : `${chars.slice(0, width - 1).join('')}…`
}

function lengthOf(text: string): number {
  return Array.from(text).length
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
