import { visible } from '@hfx/core'
import { hang } from './fold.ts'

/** Names and values in two columns; nothing is shown as a dash, truth as yes and no. */
export function renderFacts(
  facts: readonly (readonly [string, unknown])[],
  columns: number,
): string {
  const width = Math.max(0, ...facts.map(([name]) => name.length))
  return facts
    .map(([name, value]) => hang(`${name.padEnd(width)}  `, visible(show(value)), columns))
    .join('\n')
}

function show(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-'
  if (value === true) return 'yes'
  if (value === false) return 'no'
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(show).join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
