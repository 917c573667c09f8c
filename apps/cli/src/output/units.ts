const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Decimal units, three digits: `999 B`, `1.23 GB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${sizeUnits[unit] ?? ''}`
}

/** `850 ms`, `12.3 s`, `4 min 05 s`, `2 h 03 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${pad(Math.floor(seconds % 60))} s`
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`
}

/** `just now`, `3 hours ago`, `2 weeks ago`. */
export function formatAge(ms: number): string {
  const steps: readonly (readonly [number, string, number])[] = [
    [60, 'second', 1],
    [3600, 'minute', 60],
    [86_400, 'hour', 3600],
    [7 * 86_400, 'day', 86_400],
    [60 * 86_400, 'week', 7 * 86_400],
    [365 * 86_400, 'month', 30 * 86_400],
    [Infinity, 'year', 365 * 86_400],
  ]
  const seconds = Math.max(0, ms / 1000)
  if (seconds < 20) return 'just now'
  const [, name, size] = steps.find(([below]) => seconds < below) ?? [0, 'year', 365 * 86_400]
  const count = Math.max(1, Math.round(seconds / size))
  return `${count} ${name}${count === 1 ? '' : 's'} ago`
}

function pad(count: number): string {
  return String(count).padStart(2, '0')
}
