import type { CliIo } from '../io.ts'

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const

export type Paint = (style: keyof typeof codes, text: string) => string

/** Colour where a terminal shows it: off with `NO_COLOR`, on with `FORCE_COLOR`. */
export function createPaint(io: CliIo, stream: { readonly isTTY?: boolean }): Paint {
  return wantsColour(io.env, stream.isTTY === true)
    ? (style, text) => `\u001B[${codes[style]}m${text}\u001B[0m`
    : (_style, text) => text
}

function wantsColour(env: CliIo['env'], isTerminal: boolean): boolean {
  if (env['NO_COLOR']) return false
  const force = env['FORCE_COLOR']
  if (force !== undefined && force !== '') return force !== '0'
  return isTerminal && env['TERM'] !== 'dumb'
}
