export function formatSeconds(ms: number): string {
  return Number.isNaN(ms) ? '–' : `${(ms / 1000).toFixed(2)} s`
}

/** Decimal megabytes, as the targets are stated. */
export function formatMegabytes(bytes: number): string {
  return Number.isNaN(bytes) || bytes === 0 ? '–' : `${Math.round(bytes / 1e6)} MB`
}

export function formatCount(value: number): string {
  return Number.isNaN(value) ? '–' : String(Math.round(value))
}
