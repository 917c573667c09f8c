import { fencesOf, headingsOf, withoutCode } from '../markdown.mjs'

const maxLines = 80

/**
 * What a reader finds in every package's README, and how it is recognised.
 * @type {readonly (readonly [string, (text: string, name: string) => boolean])[]}
 */
const sections = [
  ['its name as the title', (text, name) => headingsOf(text)[0]?.includes(name) === true],
  [
    'when you need it and when you do not',
    (text) => /\bwhen (you|to|not)\b|\byou (do not )?need it\b/i.test(text),
  ],
  [
    'how to install it',
    (text, name) => new RegExp(`(npm (i|install)|pnpm add|npx)[^\\n]* ${name}\\b`).test(text),
  ],
  [
    'an example under that heading',
    (text) =>
      headingsOf(text).includes('Example') &&
      fencesOf(text).some((fence) => /^(ts|sh|js)\b/.test(fence.info)),
  ],
  ['its errors', (text) => /\*\*errors\*\*|^## errors/im.test(text)],
  ['where it stands in the floors', (text) => /\bfloor/i.test(text)],
]

/**
 * @param {string} name of the package
 * @param {string} path of its README, for messages
 * @param {string | undefined} text
 * @returns {string[]}
 */
export function findReadmeFaults(name, path, text) {
  if (text === undefined) return [`${path} is missing`]
  const lines = text.trimEnd().split('\n').length
  return [
    ...(lines > maxLines ? [`${path} has ${lines} lines; ${maxLines} are enough`] : []),
    // npmjs.com shows the page too, and there is nothing beside it there.
    ...[...withoutCode(text).matchAll(/\]\((?![a-z]+:|#)([^)]+)\)/g)].map(
      ([, target]) => `${path}: link to ${target} by its address on GitHub, for the readers on npm`,
    ),
    ...sections.filter(([, has]) => !has(text, name)).map(([what]) => `${path} lacks ${what}`),
  ]
}
