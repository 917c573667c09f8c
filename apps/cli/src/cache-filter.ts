import { parseBytes } from '@hfx/config'
import { HubError } from '@hfx/core'

/** One line of `cache ls`: a repository, or a revision of one. */
export interface CacheRow {
  readonly id: string
  readonly repoId: string
  readonly repoType: string
  readonly revision?: string
  readonly folder: string
  readonly sizeBytes: number
  readonly fileCount: number
  readonly lastAccessedMs: number
  readonly lastModifiedMs: number
  readonly refs: readonly string[]
}

type Test = (row: CacheRow, nowMs: number) => boolean

/**
 * A filter as `hf cache ls` writes it: `size>1GB`, `accessed>7d` (not used for seven days), `modified<2w`,
 * `type=dataset`, `refs=main`.
 * @throws HubError `HUB_INVALID_OPTION`
 */
export function parseFilter(text: string): Test {
  const match = /^\s*([a-z_]+)\s*(!=|>=|<=|=|>|<)\s*(.+?)\s*$/i.exec(text)
  const [, key = '', operator = '', value = ''] = match ?? []
  if (!match || value.startsWith('=')) throw badFilter(text)
  switch (key.toLowerCase()) {
    case 'size':
      return compareNumber(text, operator, {
        wanted: parseBytes(value),
        read: (row) => row.sizeBytes,
      })
    case 'accessed':
      return compareAge(text, operator, { value, read: (row) => row.lastAccessedMs })
    case 'modified':
      return compareAge(text, operator, { value, read: (row) => row.lastModifiedMs })
    case 'type':
      return compareText(text, operator, (row) => row.repoType === value.toLowerCase())
    case 'refs':
      return compareText(text, operator, (row) =>
        row.refs.some((ref) => ref.toLowerCase() === value.toLowerCase()),
      )
    default:
      throw badFilter(text)
  }
}

const sortKeys = ['accessed', 'modified', 'name', 'size'] as const

/** An order: `size`, `name:desc`. Names rise and everything else falls unless it says so. */
export function parseSort(text: string): (a: CacheRow, b: CacheRow) => number {
  const match = /^([a-z]+)(?::(asc|desc))?$/i.exec(text)
  const key = sortKeys.find((known) => known === match?.[1]?.toLowerCase())
  if (!match || !key) {
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: `${JSON.stringify(text)} is not an order`,
      hint: `Use one of ${sortKeys.join(', ')}, with :asc or :desc behind it.`,
    })
  }
  const sign = (match[2]?.toLowerCase() ?? (key === 'name' ? 'asc' : 'desc')) === 'asc' ? 1 : -1
  return (a, b) => sign * compareBy(key, a, b) || compareBy('name', a, b)
}

function compareBy(key: (typeof sortKeys)[number], a: CacheRow, b: CacheRow): number {
  switch (key) {
    case 'accessed':
      return a.lastAccessedMs - b.lastAccessedMs
    case 'modified':
      return a.lastModifiedMs - b.lastModifiedMs
    case 'size':
      return a.sizeBytes - b.sizeBytes
    case 'name':
      return nameOf(a).localeCompare(nameOf(b), 'en')
  }
}

function nameOf(row: CacheRow): string {
  return `${row.id}@${row.revision ?? ''}`
}

const ageUnits: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 7 * 86_400,
  mo: 30 * 86_400,
  y: 365 * 86_400,
}

/** `30s`, `5m`, `12h`, `7d`, `2w`, `3mo`, `1y` in milliseconds; undefined for anything else. */
export function parseAge(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(s|m|h|d|w|mo|y)$/i.exec(text.trim())
  const unit = ageUnits[match?.[2]?.toLowerCase() ?? '']
  return match && unit !== undefined ? Number(match[1]) * unit * 1000 : undefined
}

function compareAge(
  text: string,
  operator: string,
  what: { readonly value: string; readonly read: (row: CacheRow) => number },
): Test {
  const wanted = parseAge(what.value)
  const test = toTest(operator)
  if (wanted === undefined || !test) throw badFilter(text)
  return (row, nowMs) => test(nowMs - what.read(row), wanted)
}

function compareNumber(
  text: string,
  operator: string,
  what: { readonly wanted: number | undefined; readonly read: (row: CacheRow) => number },
): Test {
  const { wanted, read } = what
  const test = toTest(operator)
  if (wanted === undefined || !test) throw badFilter(text)
  return (row) => test(read(row), wanted)
}

function compareText(text: string, operator: string, isSame: (row: CacheRow) => boolean): Test {
  if (operator === '=') return isSame
  if (operator === '!=') return (row) => !isSame(row)
  throw badFilter(text)
}

const tests: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
}

function toTest(operator: string): ((a: number, b: number) => boolean) | undefined {
  return tests[operator]
}

function badFilter(text: string): HubError {
  return new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `${JSON.stringify(text)} is not a filter`,
    hint: 'Write it like size>1GB, accessed>7d, modified<2w, type=dataset or refs=main.',
  })
}
