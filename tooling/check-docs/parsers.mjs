import { tableRowsOf } from '../markdown.mjs'

const page = 'docs/security-tests.md'

/**
 * Rows of the table of parsers that say what no test does: a test that is gone, a parser that it does not try, another
 * number of runs than the property has.
 * @param {string} text of docs/security-tests.md
 * @param {(path: string) => string | undefined} read a file by its path from the root
 * @returns {string[]}
 */
export function findParserFaults(text, read) {
  const rows = tableRowsOf(text).filter((cells) => /^\d+$/.test(cells[3] ?? ''))
  if (rows.length === 0) return [`${page} has no table of parsers`]
  return rows.flatMap(([subject = '', parsers = '', tests = '', runs = '']) => {
    const paths = pathsOf(tests)
    const texts = paths.map((path) => read(path) ?? '')
    const properties = texts.flatMap(propertiesOf)
    const named = properties.filter(({ code }) => wordsOf(parsers).some((name) => uses(code, name)))
    const counts = (named.length > 0 ? named : properties).map((property) => property.runs)
    return [
      ...paths
        .filter((path) => read(path) === undefined)
        .map((path) => `${page}: there is no ${path}`),
      ...wordsOf(parsers)
        .filter((name) => !texts.some((code) => uses(code, name)))
        .map((name) => `${page}, ${subject}: ${tests} does not try ${name}`),
      ...(counts.includes(Number(runs))
        ? []
        : [`${page}, ${subject}: ${tests} runs ${counts.join(', ') || 0} times, not ${runs}`]),
    ]
  })
}

/** `http/test/{fuzz,parsers}` are two files. @param {string} cell */
function pathsOf(cell) {
  const [, home = '', names = ''] = /^`([\w-]+)\/test\/\{?([^}`]+)\}?`$/.exec(cell) ?? []
  const folder = home === 'cli' ? 'apps/cli' : `packages/${home}`
  return names.split(',').map((name) => `${folder}/test/${name}.test.ts`)
}

/** @param {string} cell */
function wordsOf(cell) {
  return [...cell.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? '')
}

/** @param {string} code @param {string} name */
function uses(code, name) {
  return new RegExp(`\\b${name}\\b`).test(code)
}

/**
 * The properties of a file, each with how often it is tried.
 * @param {string} text
 */
function propertiesOf(text) {
  const [, given, fixed] =
    /const runs = (?:fuzzRuns\((\d*)\)|\{ numRuns: (\d+) \})/.exec(text) ?? []
  const usual = Number(given || fixed || 300)
  return text
    .split(/^ *it(?=[(.])/m)
    .slice(1)
    .filter((code) => /\bproperty\(|asyncProperty\(/.test(code))
    .map((code) => ({ code, runs: runsOf(code, usual) }))
}

/** @param {string} code @param {number} usual */
function runsOf(code, usual) {
  if (/\bfewer\b/.test(code)) return Math.ceil(usual / 3)
  const own = /numRuns: (\d+)/.exec(code)?.[1]
  return own === undefined && /fuzzRuns\(\)/.test(code) ? 300 : Number(own ?? usual)
}
