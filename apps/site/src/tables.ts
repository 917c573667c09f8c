import type { MarkdownRenderer } from 'vitepress'

type Token = ReturnType<MarkdownRenderer['parse']>[number]

/**
 * Makes tables fit for phones and ears: a head without a word is no head, and on a narrow screen each row of a table of words
 * stands as a list under its first cell (theme.css), where every cell says what it is. Tables of figures stay tables.
 */
export function adaptTables(md: MarkdownRenderer): void {
  md.core.ruler.push('tables', ({ tokens }) => {
    for (const [at, token] of tokens.entries()) {
      if (token.type !== 'table_open') continue
      const end = tokens.findIndex((other, index) => index > at && other.type === 'table_close')
      const table = tokens.slice(at, end)
      freeEmptyHeads(table)
      labelCells(token, table)
    }
  })
  // The theme's own rule knows no attributes. A table that scrolls is reached by keyboard.
  md.renderer.rules['table_open'] = (...args) => {
    const [tokens, at, options, , self] = args
    tokens[at]?.attrSet('tabindex', '0')
    return self.renderToken(tokens, at, options)
  }
}

function freeEmptyHeads(table: readonly Token[]): void {
  for (const [at, token] of table.entries()) {
    if (token.type !== 'th_open' || table[at + 1]?.content !== '') continue
    for (const tag of [token, table[at + 2]]) if (tag) tag.tag = 'td'
  }
}

function labelCells(open: Token, table: readonly Token[]): void {
  const heads = table.flatMap((token, at) =>
    token.type === 'th_open' ? (table[at + 1]?.content ?? '').replaceAll('`', '') : [],
  )
  const isOfFigures = table.some((token) => token.attrGet('style')?.includes('right'))
  if (heads.length < 2 || isOfFigures) return
  open.attrJoin('class', 'of-words')
  const cells = table.filter((token) => token.type === 'td_open')
  for (const [at, cell] of cells.entries())
    cell.attrSet('data-head', heads[at % heads.length] ?? '')
}
