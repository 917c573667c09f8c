/**
 * Puts text between `<!-- generated: name -->` and `<!-- end -->` of a page.
 * @param {string} page
 * @param {string} name
 * @param {string} text
 */
export function replaceBlock(page, name, text) {
  const open = `<!-- generated: ${name} -->`
  const start = page.indexOf(open)
  const end = page.indexOf('<!-- end -->', start)
  if (start < 0 || end < 0) throw new Error(`the page has no block "${name}"`)
  return `${page.slice(0, start + open.length)}\n\n${text.trim()}\n\n${page.slice(end)}`
}
