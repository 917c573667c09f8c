import type { ContentHash } from '@hfx/core'
import { type ByteRange, mergeRanges } from './file-ranges.ts'
import type { PrintedRange } from './spot-print.ts'

/** What a journal says. The partial beside it holds the bytes. */
export interface JournalState {
  readonly hash: ContentHash
  readonly sizeBytes: number
  /** Ranges that are in the partial, sorted. */
  readonly done: readonly ByteRange[]
  /** The same ranges as they were noted, those with a fingerprint. */
  readonly printed: readonly PrintedRange[]
  /** Who writes the partial; undefined when it was let go. */
  readonly owner: JournalOwner | undefined
}

export interface JournalOwner {
  /** Machine, its boot and the process name space: where `pid` means something. */
  readonly place: string
  readonly pid: number
}

const version = 1

/** First lines of a journal: what it is about, and who writes. */
export function formatJournalHead(
  key: Pick<JournalState, 'hash' | 'sizeBytes'>,
  owner: JournalOwner,
): string {
  const head = { v: version, ...key.hash, sizeBytes: key.sizeBytes }
  return `${JSON.stringify(head)}\n${formatOwner(owner)}`
}

/** Each record is one short append, so that a crash can only lose the last one. */
export function formatOwner(owner: JournalOwner): string {
  return `owner ${owner.place} ${owner.pid}\n`
}

/** A client that knows no fingerprints reads two numbers and leaves out the third. */
export function formatRange({ start, end, print }: PrintedRange): string {
  return print === undefined ? `range ${start} ${end}\n` : `range ${start} ${end} ${print}\n`
}

/** The owner has let go. */
export const freeRecord = 'free\n'
/** Nothing that was written before counts. */
export const resetRecord = 'reset\n'

/** Reads a journal. Undefined when it is none of ours; a torn last line is left out. */
export function parseJournal(text: string): JournalState | undefined {
  const lines = text.split('\n').slice(0, -1)
  const head = parseHead(lines[0] ?? '')
  if (!head) return undefined
  const journal: OpenJournal = { ...head, done: [], printed: [], owner: undefined }
  if (!lines.slice(1).every((line) => takeRecord(journal, line))) return undefined
  // Merged at the end: one by one, a journal of many pieces would take minutes.
  return { ...journal, done: mergeRanges(journal.done) }
}

/** The same while it is being read. */
type OpenJournal = Omit<JournalState, 'done' | 'printed' | 'owner'> & {
  done: ByteRange[]
  printed: PrintedRange[]
  owner: JournalOwner | undefined
}

/** False for a record that no version known here writes. */
function takeRecord(journal: OpenJournal, line: string): boolean {
  const [word, first = '', second = '', third] = line.split(' ')
  switch (word) {
    case 'range':
      takeRange(journal, parseRange(first, second, journal.sizeBytes), third)
      return true
    case 'owner':
      journal.owner = { place: first, pid: Number(second) }
      return true
    case 'free':
      journal.owner = undefined
      return true
    case 'reset':
      journal.done = []
      journal.printed = []
      return true
    default:
      return false
  }
}

function takeRange(journal: OpenJournal, range: ByteRange, print: string | undefined): void {
  journal.done.push(range)
  if (print !== undefined && range !== nothing)
    journal.printed.push({ ...range, print: Number(print) })
}

const nothing: ByteRange = { start: 0, end: 0 }

function parseRange(first: string, second: string, sizeBytes: number): ByteRange {
  const start = Number(first)
  const end = Number(second)
  const fits = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0
  return fits && end <= sizeBytes ? { start, end } : nothing
}

function parseHead(line: string): Pick<JournalState, 'hash' | 'sizeBytes'> | undefined {
  const head = parseObject(line)
  const algorithm = head?.['algorithm']
  const digest = head?.['digest']
  const sizeBytes = head?.['sizeBytes']
  if (head?.['v'] !== version || (algorithm !== 'sha256' && algorithm !== 'git-sha1'))
    return undefined
  if (typeof digest !== 'string' || typeof sizeBytes !== 'number') return undefined
  return { hash: { algorithm, digest }, sizeBytes }
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
