import type { FlowEvent, RangeReader, StepOptions } from '@hfx/core'
import type { PartBuffer, ReleaseChunk } from './part-buffer.ts'
import { stopRun, type PartRun } from './part-run.ts'
import type { RateLimit } from './rate-limit.ts'

export interface FetchPartDeps {
  readonly rangeReader: RangeReader
  readonly rateLimit: RateLimit
  readonly buffer: PartBuffer
  readonly step: StepOptions
  /** Sees each chunk before it is written. */
  onBytes(chunk: Uint8Array): void
  /** Resolves when the file is not paused; undefined while it is not. */
  whenOpen(): Promise<void> | undefined
  whenRoom(): Promise<void>
  /** The server sends the whole file from offset 0, whatever was asked for. */
  onRangeIgnored(): void
  onGateWait(waitMs: number): void
}

/** One attempt at one range: from the socket into the buffer until the range's end, which may move while it runs. */
export async function fetchPart(
  deps: FetchPartDeps,
  run: PartRun,
  target: { readonly url: string; readonly totalBytes: number },
): Promise<void> {
  let owned = false
  let release: ReleaseChunk | undefined
  const { freshConnection } = run.part
  const { signal } = run.controller
  await deps.rangeReader.readRange(
    { ...target, start: run.position, end: run.end, freshConnection },
    {
      onStart: (answer) => {
        owned = answer.chunksOwned ?? false
        release = answer.release
        if (answer.status === 200 && run.end < target.totalBytes) deps.onRangeIgnored()
      },
      onData: (chunk, resume) => takeChunk(deps, run, { chunk, owned, release, resume }),
    },
    { ...deps.step, signal, emit: watchGate(deps) },
  )
}

interface Chunk {
  readonly chunk: Uint8Array
  readonly owned: boolean
  readonly release: ReleaseChunk | undefined
  readonly resume: () => void
}

function takeChunk(deps: FetchPartDeps, run: PartRun, arrived: Chunk): boolean {
  const { chunk, owned, release, resume } = arrived
  const wanted = run.closed ? 0 : Math.min(chunk.byteLength, run.end - run.position)
  if (wanted === 0) return true
  const piece = wanted === chunk.byteLength ? chunk : chunk.subarray(0, wanted)
  run.position += wanted
  run.receivedBytes += wanted
  deps.onBytes(piece)
  const room = deps.buffer.push(piece, owned, release) ? undefined : deps.whenRoom()
  if (run.position >= run.end) {
    if (run.end < run.part.end) stopRun(run, 'complete')
    return true
  }
  const paid = deps.rateLimit.take(wanted, run.controller.signal)
  const waits = [room, paid, deps.whenOpen()].filter((wait) => wait !== undefined)
  if (waits.length === 0) return true
  hold(run, waits, resume)
  return false
}

/** Keeps the socket waiting for a reason of our own. */
function hold(run: PartRun, waits: readonly Promise<void>[], resume: () => void): void {
  run.holds += 1
  // A wait ends early only because the run is over; then there is no socket to wake.
  Promise.all(waits).then(() => {
    run.holds -= 1
    resume()
  }, ignoreEnd)
}

/** A wait at the rate gate is no silence of the connection. */
function watchGate(deps: FetchPartDeps): (event: FlowEvent) => void {
  return (event) => {
    if (event.type === 'request:wait') deps.onGateWait(event.waitMs)
    deps.step.emit?.(event)
  }
}

function ignoreEnd(): void {}
