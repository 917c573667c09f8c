import type { Layer } from './layer.ts'
import type { OptionValue } from './parse-value.ts'
import { type OptionName, optionNames, vocabulary } from './vocabulary.ts'

/** One option as it is in force. */
export interface ExplainedOption {
  readonly option: OptionName
  /** The value; `(set)` in place of a secret; null where there is none. */
  readonly value: OptionValue | null
  /** `call`, `client`, `flag`, the variable, the file, or `default`; null where there is no value. */
  readonly source: string | null
  /** True when the value itself is not shown. */
  readonly masked: boolean
}

/** Every option in the order of the reference, with its value and where it came from. Secrets are masked. */
export function explainConfig(values: Layer): readonly ExplainedOption[] {
  return optionNames.map((option) => {
    const found = values[option]
    if (!found) return { option, value: null, source: null, masked: false }
    const masked = vocabulary[option].secret === true
    return { option, value: masked ? '(set)' : found.value, source: found.source, masked }
  })
}

/** A value as it can be written in a variable, a flag or a file; nothing for none. */
export function formatValue(value: OptionValue | null | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object') return String(value)
  if (!('kind' in value)) return value.join(', ')
  const isTimed = value.kind === 'revalidate' && value.ttlMs > 0
  return isTimed ? `revalidate=${value.ttlMs}ms` : value.kind
}
