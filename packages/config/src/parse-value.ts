import type { CachePolicy } from '@hfx/core'
import type { OptionKind, OptionSpec } from './vocabulary.ts'

/** A value that an option can have. */
export type OptionValue = string | number | boolean | readonly string[] | CachePolicy

/** A value, or why there is none. */
export type Parsed = { readonly value: OptionValue } | { readonly expected: string }

/** Reads a value from text, as in the environment, a flag or a file. */
export function parseText(
  spec: OptionSpec,
  text: string,
  context: { readonly seconds?: boolean } = {},
): Parsed {
  const value = readers[spec.kind](text, { spec, plainUnitMs: context.seconds === true ? 1000 : 1 })
  if (value === undefined) return { expected: expectationOf(spec) }
  return typeof value === 'number' ? checkNumber(spec, value) : { value }
}

type ReadText = (
  text: string,
  how: { readonly spec: OptionSpec; readonly plainUnitMs: number },
) => OptionValue | undefined

const readers: Readonly<Record<OptionKind, ReadText>> = {
  text: (text) => (text.trim() === '' ? undefined : text),
  url: parseEndpoint,
  boolean: parseBoolean,
  count: parseCount,
  bytes: parseBytes,
  duration: (text, { plainUnitMs }) => parseDuration(text, plainUnitMs),
  list: parseList,
  choice: (text, { spec }) => spec.choices?.find((choice) => choice === text.toLowerCase()),
  policy: parsePolicy,
}

/** Reads a value that a program or a file gives in its own type; text is read as text. */
export function parseValue(spec: OptionSpec, value: unknown): Parsed {
  if (typeof value === 'string') return parseText(spec, value)
  return typeof value === 'number' ? parseNumber(spec, value) : parseObject(spec, value)
}

function parseNumber(spec: OptionSpec, value: number): Parsed {
  if (spec.kind === 'choice') return parseText(spec, String(value))
  return isNumeric(spec.kind) ? checkNumber(spec, value) : { expected: expectationOf(spec) }
}

function isNumeric(kind: OptionKind): boolean {
  return kind === 'duration' || kind === 'bytes' || kind === 'count'
}

/** No timer of Node can be longer; it would fire at once. */
const longestMs = 2 ** 31 - 1

function checkNumber(spec: OptionSpec, value: number): Parsed {
  const isKept =
    value >= leastOf(spec) &&
    (spec.kind === 'duration' ? value <= longestMs : Number.isSafeInteger(value))
  return isKept ? { value } : { expected: expectationOf(spec) }
}

function leastOf(spec: OptionSpec): number {
  return spec.least ?? 1
}

function parseObject(spec: OptionSpec, value: unknown): Parsed {
  if (typeof value === 'boolean' && spec.kind === 'boolean') return { value }
  if (spec.kind === 'list' && isTextList(value)) return { value }
  if (spec.kind === 'policy' && isPolicy(value)) return { value }
  return { expected: expectationOf(spec) }
}

/** True for `1`, `on`, `yes`, `true` in any case, as the Hub's clients read their variables; anything else is false. */
export function isTrue(text: string): boolean {
  return /^(1|on|yes|true)$/i.test(text)
}

function parseBoolean(text: string): boolean | undefined {
  if (isTrue(text)) return true
  return /^(0|off|no|false|)$/i.test(text) ? false : undefined
}

/** Without the slashes at its end, as URLs are built on it. */
function parseEndpoint(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || /[?#]/.test(text)) return undefined
  if (url.username !== '' || url.password !== '') return undefined
  return text.trim().replace(/\/+$/, '')
}

/** Only commas part: the path of a folder may hold blanks. */
function parseList(text: string): readonly string[] {
  return text
    .split(/[,\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function parseCount(text: string): number | undefined {
  const count = Number(text)
  return /^\d+$/.test(text) && Number.isSafeInteger(count) ? count : undefined
}

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/** `20MB` is 20,000,000; `64MiB` is 67,108,864; `/s` behind a rate is allowed. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)(?:\/s)?$/i.exec(text.trim())
  const unit = byteUnits[(match?.[2] ?? '').toLowerCase()]
  return match && unit !== undefined ? Math.round(Number(match[1]) * unit) : undefined
}

const timeUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** `500ms`, `30s`, `5m`, `2h`, `7d`; a plain number counts in `plainUnitMs`. */
export function parseDuration(text: string, plainUnitMs = 1): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim())
  const unit = match?.[2] === '' ? plainUnitMs : timeUnits[(match?.[2] ?? '').toLowerCase()]
  return match && unit !== undefined ? Number(match[1]) * unit : undefined
}

/** The policies by name; `revalidate=1h` asks again only when the last answer is older. */
export function parsePolicy(text: string): CachePolicy | undefined {
  const [kind, ...rest] = text.trim().toLowerCase().split('=')
  const time = rest.length === 0 ? undefined : rest.join('=')
  if (kind === 'revalidate') {
    const ttlMs = time === undefined ? 0 : parseDuration(time)
    return ttlMs === undefined ? undefined : { kind, ttlMs }
  }
  if (time !== undefined) return undefined
  return kind === 'cache-only' || kind === 'cache-first' || kind === 'network'
    ? { kind }
    : undefined
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')
}

function isPolicy(value: unknown): value is CachePolicy {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  if (value.kind === 'revalidate')
    return 'ttlMs' in value && typeof value.ttlMs === 'number' && value.ttlMs >= 0
  return value.kind === 'cache-only' || value.kind === 'cache-first' || value.kind === 'network'
}

function expectationOf(spec: OptionSpec): string {
  if (spec.kind === 'choice') return `one of ${(spec.choices ?? []).join(', ')}`
  const words = expectations[spec.kind]
  if (!isNumeric(spec.kind)) return words
  const most = spec.kind === 'duration' ? ', at most 24d' : ''
  return `${words}, at least ${leastOf(spec)}${most}`
}

const expectations: Readonly<Record<OptionKind, string>> = {
  text: 'text that is not empty',
  url: 'an address like https://huggingface.co, without user, password and query',
  boolean: 'true or false',
  count: 'a whole number',
  bytes: 'a size like 20MB, 64MiB or 1000',
  duration: 'a time like 500ms, 30s or 2h',
  list: 'a list of texts',
  choice: 'one of the choices',
  policy: 'cache-only, cache-first, revalidate, revalidate=<time> or network',
}
