import { tableRowsOf } from '../markdown.mjs'

/**
 * Members of a union of string literals, as its source spells them.
 * @param {string} source
 * @param {string} name of the type
 * @returns {string[]}
 */
function literalsOf(source, name) {
  const body =
    new RegExp(`export type ${name} =([\\s\\S]*?)\\n\\n`).exec(`${source}\n\n`)?.[1] ?? ''
  return [...body.matchAll(/'([^']+)'/g)].map((match) => match[1] ?? '')
}

/**
 * Every error code has a row with class, occasion and remedy, and every row a code.
 * @param {string} source of core/src/errors.ts
 * @param {string} page docs/errors.md
 * @returns {string[]}
 */
export function findErrorFaults(source, page) {
  const codes = literalsOf(source, 'HubErrorCode')
  const rows = tableRowsOf(page).filter((cells) => /`HUB_[A-Z_]+`$/.test(cells[0] ?? ''))
  const named = rows.map(codeOf)
  const thin = rows.filter((cells) => cells.length < 4 || cells.some((cell) => cell === ''))
  return [
    ...codes
      .filter((code) => !named.includes(code))
      .map((code) => `docs/errors.md has no row for ${code}`),
    ...named
      .filter((code) => !codes.includes(code))
      .map((code) => `docs/errors.md: ${code} is no code of core`),
    ...named
      .filter((code, index) => named.indexOf(code) !== index)
      .map((code) => `docs/errors.md has ${code} twice`),
    ...named
      .filter((code, index) => rows[index]?.[0] !== `<a id="${code}"></a>\`${code}\``)
      .map(
        (code) =>
          `docs/errors.md: no link leads to ${code}: begin its row with <a id="${code}"></a>`,
      ),
    ...thin.map(
      (cells) => `docs/errors.md: the row of ${codeOf(cells)} lacks class, occasion or remedy`,
    ),
  ]
}

/** @param {readonly string[]} cells */
function codeOf(cells) {
  return (cells[0] ?? '').split('`')[1] ?? ''
}
