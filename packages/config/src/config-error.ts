import { findNearestName, HubError, redactText } from '@hfx/core'
import { type OptionName, optionNames, vocabulary } from './vocabulary.ts'

/** A value that an option cannot have. A secret is not repeated. */
export function invalidValue(what: {
  readonly where: string
  readonly name: OptionName
  readonly given: unknown
  readonly expected: string
}): HubError {
  const shown = vocabulary[what.name].secret === true ? 'its value' : show(what.given)
  return new HubError({
    code: 'HUB_INVALID_CONFIG',
    message: `${what.where} gives ${what.name} ${shown}; expected ${what.expected}`,
    hint: vocabulary[what.name].doc,
  })
}

/** A value of any kind in a few words; what looks like a credential is left out. */
function show(given: unknown): string {
  const isPlain = ['string', 'number', 'boolean'].includes(typeof given)
  const written = typeof given === 'string' ? JSON.stringify(given) : String(given)
  const text = isPlain ? redactText(written) : kindOf(given)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

function kindOf(given: unknown): string {
  if (Array.isArray(given)) return 'a list'
  return typeof given === 'object' ? 'an object' : `a ${typeof given}`
}

/** A name that is no option, with the nearest one. */
export function unknownOption(where: string, name: string): HubError {
  const near = findNearestName(name, optionNames)
  return new HubError({
    code: 'HUB_INVALID_CONFIG',
    message: `${where} names the option ${show(name)}, which there is not`,
    hint: near === undefined ? 'hfx help config lists the options.' : `Did you mean ${near}?`,
  })
}
