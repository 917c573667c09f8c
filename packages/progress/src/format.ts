const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Bytes for a reader, in powers of 1000 as the Hub shows them: `0 B`, `999 B`, `1.5 kB`, `412 MB`. */
export function formatBytes(bytes: number): string {
  const exponent = unitOf(bytes)
  return `${scaled(bytes, exponent)} ${units[exponent] ?? 'B'}`
}

/** `3.8/5.0 GB`: both in the unit of the total, so that only the first number moves. */
export function formatBytesOf(doneBytes: number, totalBytes: number): string {
  const exponent = unitOf(totalBytes)
  const total = scaled(totalBytes, exponent)
  const done = scaled(doneBytes, exponent, decimalsOf(totalBytes, exponent))
  return `${done.padStart(total.length)}/${total} ${units[exponent] ?? 'B'}`
}

/** Bytes per second: `412 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.max(0, bytesPerSecond))}/s`
}

/** A span of time in its two largest units: `0.4s`, `12s`, `3m 20s`, `1h 05m`, `2d 03h`. */
export function formatDuration(ms: number): string {
  if (ms < 950) return `${(Math.max(0, ms) / 1000).toFixed(1)}s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${String(seconds)}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${String(minutes)}m ${twoDigits(seconds % 60)}s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${String(hours)}h ${twoDigits(minutes % 60)}m`
  return `${String(Math.floor(hours / 24))}d ${twoDigits(hours % 24)}h`
}

/** Whole percent, rounded down, so that 100 means all of it. A total of nothing is done. */
export function percentOf(done: number, total: number): number {
  return total <= 0 ? 100 : Math.floor((Math.min(done, total) / total) * 100)
}

/** `1 file`, `3 files`. */
export function formatCount(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`
}

function unitOf(bytes: number): number {
  let exponent = 0
  // 999.5 of a unit would be shown as 1000 of it.
  while (bytes / 1000 ** exponent >= 999.5 && exponent < units.length - 1) exponent += 1
  return exponent
}

function scaled(
  bytes: number,
  exponent: number,
  decimals: number = decimalsOf(bytes, exponent),
): string {
  return (bytes / 1000 ** exponent).toFixed(decimals)
}

function decimalsOf(bytes: number, exponent: number): number {
  return exponent > 0 && bytes / 1000 ** exponent < 99.95 ? 1 : 0
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
