import type { FlowEvent, HubEvent } from '@hfx/core'
import type { Terminal } from '../../src/index.ts'

/** A terminal that keeps what it is told; `busy` and its size are for the test to set. */
export interface FakeTerminal extends Terminal {
  busy: boolean
  columns: number
  rows: number
  readonly writes: string[]
}

export function createFakeTerminal(isTTY = true): FakeTerminal {
  const writes: string[] = []
  return {
    writes,
    write: (text) => void writes.push(text),
    busy: false,
    isTTY,
    columns: 100,
    rows: 24,
  }
}

/** What begins a code for the terminal. */
export const escape = '\u001B'

const pieces = new RegExp(
  String.raw`${escape}\[(?<count>[?\d]*)(?<code>[A-Za-z])|(?<move>[\r\n])|(?<text>[^${escape}\r\n]+)`,
  'g',
)

/** The lines that such a terminal shows in the end, trailing empty ones left out. */
export function screenOf(writes: readonly string[]): readonly string[] {
  const lines: string[] = []
  let row = 0
  for (const { groups = {} } of writes.join('').matchAll(pieces)) {
    const { count, code, move, text } = groups
    if (code === 'A') row = Math.max(0, row - Number(count))
    if (code === 'J') lines.length = Math.min(lines.length, row)
    if (move === '\n') row += 1
    if (text !== undefined) lines[row] = text
  }
  return Array.from(lines, (line) => line ?? '')
}

/** Stamps facts as a client would. */
export function stamp(event: FlowEvent, atMs = 0, jobId = '1'): HubEvent {
  return { v: 1, jobId, atMs, ...event }
}
