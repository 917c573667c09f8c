import type { OptionValue } from './parse-value.ts'

/** Options that one source names, each with the words that name the source. */
export type Layer = Readonly<
  Record<string, { readonly value: OptionValue; readonly source: string }>
>
