import { withoutCode } from '../markdown.mjs'

/**
 * What a migration page maps to exists: names in the columns of hfx are words of an API report, of the option reference
 * or of the error codes. Commands and files are no names.
 * @param {string} page path, for messages
 * @param {string} text
 * @param {ReadonlySet<string>} known
 * @returns {string[]}
 */
export function findNameFaults(page, text, known) {
  return cellsOfHfx(text).flatMap(({ cell, line }) =>
    [...cell.matchAll(/`([^`]+)`/g)]
      .flatMap(([, code = '']) => namesIn(code))
      .filter((name) => !known.has(name))
      .map((name) => `${page}:${line} maps to ${name}, which is exported nowhere`),
  )
}

/** Every word of these texts that could be a name. @param {readonly string[]} texts @returns {ReadonlySet<string>} */
export function wordsOf(texts) {
  return new Set(texts.flatMap((text) => text.match(/[A-Za-z_]\w*/g) ?? []))
}

/** @param {string} code @returns {readonly string[]} */
function namesIn(code) {
  // A command, a package, an address or a file name; values behind a colon or an equals sign are examples.
  if (/^(hfx?|npx|npm) |^hfx?$|^@|:\/\/|^[\w/.-]+\.(json|ya?ml|toml)$/.test(code)) return []
  const plain = code.replaceAll(/'[^']*'|=\S+/g, '')
  const words = plain.match(/[A-Za-z_]\w*\(?/g) ?? []
  return words
    .filter((word) => /[A-Z(]/.test(word) || plain.includes(`.${word}`))
    .map((word) => word.replace('(', ''))
}

/**
 * Cells of the columns whose heading names hfx.
 * @param {string} text
 * @returns {{ cell: string, line: number }[]}
 */
function cellsOfHfx(text) {
  const lines = withoutCode(text).split('\n')
  /** @type {readonly number[]} */
  let columns = []
  return lines.flatMap((line, index) => {
    if (!line.startsWith('|')) columns = []
    const cells = line.split('|').map((cell) => cell.trim())
    if (/^\|[\s:|-]+$/.test(lines[index + 1] ?? '')) {
      columns = cells.flatMap((cell, at) => (/\bhfx\b|^here$/.test(cell) ? [at] : []))
      return []
    }
    return columns.map((at) => ({ cell: cells[at] ?? '', line: index + 1 }))
  })
}
