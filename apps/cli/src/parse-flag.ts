import { InvalidArgumentError } from 'commander'

/** Every value of a flag that may be repeated. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** A whole number above zero. */
export function parseCount(text: string): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new InvalidArgumentError('It must be a whole number above zero.')
}

/** A whole number, zero included. */
export function parseWhole(text: string): number {
  const count = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(count) && count >= 0) return count
  throw new InvalidArgumentError('It must be a whole number.')
}

/** A number of bytes, kept as text for the configuration. */
export function checkBytes(text: string): string {
  if (/^\d+(\.\d+)?\s*([kmgtp]?i?b?)(\/s)?$/i.test(text.trim())) return text
  throw new InvalidArgumentError('Write it as 20MB or 64MiB.')
}

/** A port, 0 for any that is free. */
export function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port < 65_536) return port
  throw new InvalidArgumentError('It must be a port number.')
}
