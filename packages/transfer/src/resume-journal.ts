import type { ContentHash } from '@hfx/core'
import { addRange, type ByteRange } from './file-ranges.ts'

/** What a journal says. The partial beside it holds the bytes. */
export interface JournalState {
  readonly hash: ContentHash
  readonly sizeBytes: number
  /** Ranges that are in the partial, sorted. */
  readonly done: readonly ByteRange[]
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

export function formatRange(range: ByteRange): string {
  return `range ${range.start} ${range.end}\n`
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
  let done: readonly ByteRange[] = []
  let owner: JournalOwner | undefined
  for (const line of lines.slice(1)) {
    const [word, first = '', second = ''] = line.split(' ')
    if (word === 'range') done = addRange(done, parseRange(first, second, head.sizeBytes))
    else if (word === 'owner') owner = { place: first, pid: Number(second) }
    else if (word === 'free') owner = undefined
    else if (word === 'reset') done = []
    else return undefined
  }
  return { ...head, done, owner }
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
