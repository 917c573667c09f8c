/** Widths of the columns of a file's row; a column of 0 is left out. */
export interface Columns {
  readonly name: number
  readonly bar: number
  /** `2.6/5.0 GB`, or why it does not move. */
  readonly fact: number
}

const percent = 4
const gap = 2

/** The same for every row and every frame of one width, so that nothing moves but the numbers. */
export function chooseColumns(width: number): Columns {
  const fact = width >= 60 ? 16 : width >= 36 ? 12 : 0
  const rest = width - gap - gap - percent - (fact > 0 ? gap + fact : gap)
  const bar = width >= 50 ? Math.min(30, Math.floor(rest * 0.4)) : 0
  return { fact, bar, name: Math.max(2, Math.min(60, rest - (bar > 0 ? bar + gap : 0))) }
}
