const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Upper limit, length and name of each unit. */
const steps: readonly (readonly [below: number, length: number, name: string])[] = [
  [hour, minute, 'minute'],
  [day, hour, 'hour'],
  [14 * day, day, 'day'],
  [60 * day, 7 * day, 'week'],
  [365 * day, 30 * day, 'month'],
  [Number.POSITIVE_INFINITY, 365 * day, 'year'],
]

/** A span for a reader: `just now`, `3 hours ago`, `2 weeks ago`. */
export function formatAge(ms: number): string {
  if (ms < minute) return 'just now'
  const [, length, name] = steps.find(([below]) => ms < below) ?? [0, 365 * day, 'year']
  const count = Math.max(1, Math.floor(ms / length))
  return `${count} ${name}${count === 1 ? '' : 's'} ago`
}
