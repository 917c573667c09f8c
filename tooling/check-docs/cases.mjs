/**
 * Rows of docs/python-cases.md whose test is gone, and numbers that are missing or given twice.
 * @param {string} page
 * @param {(path: string) => string | undefined} read a file by its path from the root
 * @returns {string[]}
 */
export function findCaseFaults(page, read) {
  const [cases = '', points = ''] = page.split('## Forty weak points')
  return [
    ...findNumberFaults(cases, { what: 'case', count: 74 }),
    ...findNumberFaults(points, { what: 'weak point', count: 40 }),
    ...rowsOf(page).flatMap((row) => findTestFaults(row, read)),
  ]
}

/** @param {string} text */
function rowsOf(text) {
  return text.split('\n').filter((line) => /^\|\s*\d+\s*\|/.test(line))
}

/** @param {string} row */
function numberOf(row) {
  return Number(/\d+/.exec(row)?.[0])
}

/**
 * @param {string} text
 * @param {{ what: string, count: number }} expected
 */
function findNumberFaults(text, { what, count }) {
  const found = rowsOf(text).map(numberOf)
  return Array.from({ length: count }, (_, index) => index + 1)
    .filter((number) => found.filter((one) => one === number).length !== 1)
    .map((number) => `docs/python-cases.md: ${what} ${number} needs one row`)
}

/**
 * @param {string} row
 * @param {(path: string) => string | undefined} read
 */
function findTestFaults(row, read) {
  const tests = [...row.matchAll(/\]\(\.\.\/([^)]+)\) “([^”]+)”/g)]
  if (tests.length === 0) return [`docs/python-cases.md: row ${numberOf(row)} names no test`]
  return tests
    .filter(([, path = '', title = '']) => !(read(path) ?? '').includes(title))
    .map(([, path, title]) => `docs/python-cases.md: ${path} has no test “${title}”`)
}
