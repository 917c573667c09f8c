// The samples as they are run by the tests, for a reader who wants to copy one.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const names = [
  'basic-download',
  'enhanced-client',
  'progress-and-logging',
  'large-gated-model',
  'custom-pipeline',
  'wired-service',
  'init-container',
]

/**
 * Each sample whole, under what its first comment says. The blocks are no programs to compile on their own: the package
 * of the samples does that, and its tests run them.
 * @param {string} root
 */
export function renderSamples(root) {
  return names
    .map((name) => {
      const path = `apps/examples/src/${name}.ts`
      const code = readFileSync(join(root, path), 'utf8').trim()
      return [`## ${titleOf(name)}`, '', summaryOf(code), '', '```ts sample', code, '```'].join(
        '\n',
      )
    })
    .join('\n\n')
}

/** @param {string} name */
function titleOf(name) {
  const words = name.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What stands over `main`. @param {string} code */
function summaryOf(code) {
  const [, comment = ''] =
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export async function main/.exec(code) ?? []
  const text = comment.replaceAll(/\s*\n\s*\*\s?/g, ' ').trim()
  if (text === '') throw new Error('a sample does not say what it shows')
  return text
}
