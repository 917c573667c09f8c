import { withoutCode } from '../markdown.mjs'

/** @param {Iterable<RegExpMatchArray>} matches */
const firsts = (matches) => [...new Set([...matches].map((match) => match[1] ?? ''))]

/**
 * Every event type of core is described, and nothing is described that cannot happen.
 * @param {string} source of core/src/events.ts
 * @param {string} page docs/events.md
 * @returns {string[]}
 */
export function findEventFaults(source, page) {
  const types = firsts(source.matchAll(/type: '([a-z]+:[a-z]+)'/g))
  const named = firsts(withoutCode(page).matchAll(/`([a-z]+:[a-z]+)`/g))
  return [
    ...types
      .filter((type) => !named.includes(type))
      .map((type) => `docs/events.md does not describe ${type}`),
    ...named
      // Modules such as `node:fs` look the same.
      .filter((type) => !types.includes(type) && !type.startsWith('node:'))
      .map((type) => `docs/events.md: ${type} is no event of core`),
  ]
}
