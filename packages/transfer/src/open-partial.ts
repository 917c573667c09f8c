import { rm } from 'node:fs/promises'
import type { Clock, RandomSource, StagedFile } from '@hfx/core'
import { addRange, subtractRanges, type ByteRange } from './file-ranges.ts'
import {
  isAbandoned,
  listPartials,
  type FoundPartial,
  type WantedContent,
} from './find-partials.ts'
import { createPartialId, journalPath, partialPath } from './partial-name.ts'
import { claimLease, createLease, type LeaseDeps, type PartialLease } from './partial-lease.ts'
import {
  createStagedFile,
  findStagedFile,
  openForReading,
  type StagedWriter,
} from './staged-writer.ts'
import type { JournalState } from './resume-journal.ts'
import type { PrintedRange } from './spot-print.ts'
import { errnoOf } from './disk-error.ts'

/** A partial that this process alone may write. */
export interface OpenPartial {
  /** Refuses to write once another process has taken the partial over. */
  readonly writer: StagedWriter
  readonly lease: PartialLease
  done: readonly ByteRange[]
  /** What is known of the bytes that were written, whoever wrote them. */
  printed: PrintedRange[]
}

export interface OpenPartialDeps {
  readonly clock: Clock
  readonly random: RandomSource
  /** Where process ids of this process mean something. */
  readonly place: string
}

const copyBytes = 1024 ** 2

/**
 * Goes on with the fullest partial that nobody writes, or begins a new one; takes in what other partials of the same
 * content have more, and removes those that are abandoned. The content's hash decides in the end about all of it.
 */
export async function openPartial(
  deps: OpenPartialDeps,
  staged: StagedFile,
  wanted: WantedContent & { readonly force: boolean },
): Promise<OpenPartial> {
  const found = await listPartials(staged, wanted)
  const abandoned = found.filter((partial) => isAbandoned(partial, deps.place, deps.clock))
  const usable = wanted.force ? [] : abandoned.filter(({ isUsable }) => isUsable)
  const taken = await claimFirst(deps, staged, usable)
  const opened = taken?.opened ?? (await beginPartial(deps, staged, wanted))
  const others = found.filter((partial) => partial !== taken?.from)
  try {
    if (!wanted.force) await adoptAll(opened, others)
  } catch (error) {
    await opened.writer.close()
    await opened.lease.free()
    throw error
  }
  for (const partial of others)
    if (abandoned.includes(partial)) await discardPartial(deps, staged, partial)
  return opened
}

async function adoptAll(opened: OpenPartial, others: readonly FoundPartial[]): Promise<void> {
  for (const other of others) if (other.isUsable) await adoptRanges(opened, other)
}

async function claimFirst(
  deps: OpenPartialDeps,
  staged: StagedFile,
  abandoned: readonly FoundPartial[],
): Promise<{ readonly opened: OpenPartial; readonly from: FoundPartial } | undefined> {
  for (const from of abandoned) {
    const lease = await claim(deps, staged, from)
    if (!lease) continue
    const writer = await findStagedFile(from.partialPath, from.journal.sizeBytes)
    if (writer) return { opened: guard(writer, lease, from.journal), from }
    await lease.remove()
  }
  return undefined
}

function claim(
  deps: OpenPartialDeps,
  staged: StagedFile,
  from: FoundPartial,
): Promise<PartialLease | undefined> {
  const path = journalPath(staged, from.id, createPartialId(deps.random))
  return claimLease(describeLease(deps), from, path)
}

function describeLease(deps: OpenPartialDeps): LeaseDeps {
  return { clock: deps.clock, owner: { place: deps.place, pid: process.pid } }
}

/** The journal first: whatever a kill leaves then has an owner that the next run finds dead, and is removed by it. */
async function beginPartial(
  deps: OpenPartialDeps,
  staged: StagedFile,
  wanted: WantedContent,
): Promise<OpenPartial> {
  const id = createPartialId(deps.random)
  const path = journalPath(staged, id, createPartialId(deps.random))
  const lease = await createLease(describeLease(deps), path, wanted)
  try {
    return guard(await createStagedFile(partialPath(staged, id), wanted.sizeBytes), lease)
  } catch (error) {
    await lease.remove()
    throw error
  }
}

function guard(
  writer: StagedWriter,
  lease: PartialLease,
  has: Pick<JournalState, 'done' | 'printed'> = { done: [], printed: [] },
): OpenPartial {
  const write: StagedWriter['write'] = async (buffers, position) => {
    await lease.confirm(writer)
    await writer.write(buffers, position)
  }
  return { writer: { ...writer, write }, lease, done: has.done, printed: [...has.printed] }
}

/** Copies what the other partial has and this one lacks. The other may go at any time. */
async function adoptRanges(opened: OpenPartial, other: FoundPartial): Promise<void> {
  const ranges = subtractRanges(other.journal.done, opened.done)
  if (ranges.length === 0) return
  let reader: StagedWriter
  try {
    reader = await openForReading(other.partialPath)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'EACCES') return
    throw error
  }
  try {
    for (const range of ranges) await copyRange(opened, { reader, journal: other.journal }, range)
  } finally {
    await reader.close()
  }
}

async function copyRange(
  opened: OpenPartial,
  from: { readonly reader: StagedWriter; readonly journal: JournalState },
  range: ByteRange,
): Promise<void> {
  const end = await copyBetween(from.reader, opened.writer, range)
  const copied = { start: range.start, end }
  opened.done = addRange(opened.done, copied)
  await opened.lease.record(copied)
  for (const piece of from.journal.printed) {
    if (piece.start < copied.start || piece.end > copied.end) continue
    opened.printed.push(piece)
    await opened.lease.record(piece)
  }
}

/** Copies bytes to the same place in another file; answers how far it came, which is less where the source ends early. */
export async function copyBetween(
  from: StagedWriter,
  to: StagedWriter,
  range: ByteRange,
): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(copyBytes, range.end - range.start))
  let at = range.start
  while (at < range.end) {
    const wanted = Math.min(buffer.length, range.end - at)
    const count = await from.read(buffer.subarray(0, wanted), at)
    await to.write([buffer.subarray(0, count)], at)
    at += count
    if (count < wanted) break
  }
  return at
}

async function discardPartial(
  deps: OpenPartialDeps,
  staged: StagedFile,
  partial: FoundPartial,
): Promise<void> {
  const lease = await claim(deps, staged, partial)
  if (!lease) return
  await rm(partial.partialPath, { force: true })
  await lease.remove()
}
