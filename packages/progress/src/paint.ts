const codes = { done: 36, verified: 32, trouble: 33, faint: 2, bold: 1 } as const

/** What a piece of text means. */
export type Meaning = keyof typeof codes

/** Text as a terminal shows its meaning. */
export type Paint = (meaning: Meaning, text: string) => string

/** With colours that every terminal has. */
export const paintColour: Paint = (meaning, text) =>
  text === '' ? '' : `\u001B[${codes[meaning]}m${text}\u001B[0m`

/** Without. */
export const paintPlain: Paint = (_meaning, text) => text
