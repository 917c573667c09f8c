import { HubError, redactText } from '@hfx/core'
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
  const near = nearest(name.slice(0, 80), optionNames)
  return new HubError({
    code: 'HUB_INVALID_CONFIG',
    message: `${where} names the option ${show(name)}, which there is not`,
    hint: near === undefined ? 'hfx help config lists the options.' : `Did you mean ${near}?`,
  })
}

/** The name that is at most a third of its letters away. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((candidate) => ({
      candidate,
      distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .toSorted((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best && best.distance <= Math.max(2, best.candidate.length / 3)
    ? best.candidate
    : undefined
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
