/**
 * The anchor that renderers make of a heading.
 * @param {string} heading
 */
export function slugOf(heading) {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
}

/**
 * The text without fenced code, line numbers kept.
 * @param {string} text
 */
export function withoutCode(text) {
  return text.replaceAll(/^( *)(`{3,})[^\n]*\n[\s\S]*?^\1\2`*[^\S\n]*$/gm, (block) =>
    block.replaceAll(/[^\n]/g, ''),
  )
}

/** @param {string} text @returns {string[]} */
export function headingsOf(text) {
  return [...withoutCode(text).matchAll(/^#{1,6} +(.+?)\s*$/gm)].map((match) => match[1] ?? '')
}

/**
 * @typedef {object} Fence
 * @property {string} info What follows the backticks: `ts`, `sh`, …
 * @property {string} code
 * @property {number} line Of the opening fence, from 1.
 */

/** @param {string} text @returns {Fence[]} */
export function fencesOf(text) {
  return [...text.matchAll(/^( *)(`{3,})([^\n`]*)\n([\s\S]*?)^\1\2`*[^\S\n]*$/gm)].map((match) => ({
    info: (match[3] ?? '').trim(),
    code: (match[4] ?? '').replaceAll(new RegExp(`^${match[1] ?? ''}`, 'gm'), ''),
    line: text.slice(0, match.index).split('\n').length,
  }))
}

/**
 * Cells of every table row, header and rule rows left out.
 * @param {string} text
 * @returns {string[][]}
 */
export function tableRowsOf(text) {
  const lines = withoutCode(text).split('\n')
  return lines
    .filter(
      (line, index) => line.trim().startsWith('|') && !isRule(line) && !isRule(lines[index + 1]),
    )
    .map((line) =>
      line
        .trim()
        .replaceAll(/^\||\|$/g, '')
        .split('|')
        .map((cell) => cell.trim()),
    )
}

/** @param {string | undefined} line */
function isRule(line) {
  return /^\s*\|?[\s:|-]*-{3}[\s:|-]*$/.test(line ?? '')
}
