import { HubError } from '@hfx/core'
import type { Command } from 'commander'
import type { CliIo } from '../io.ts'

/** Shapes of a result on stdout. `human` for eyes, `json` one document, `ndjson` one line each, `quiet` names only. */
export const formats = ['human', 'json', 'ndjson', 'quiet'] as const
export type Format = (typeof formats)[number]

export interface OutputFlags {
  readonly format?: string
  readonly json?: boolean
  readonly quiet?: boolean
}

/** A result in each shape; only the one that is wanted is built. */
export interface Printable {
  human(width: number): string
  json(): unknown
  /** Lines of `ndjson`. @default the json as one line, or its items when it is an array */
  ndjson?(): readonly unknown[]
  quiet(): string | readonly string[]
}

export function addOutputFlags(command: Command): Command {
  return command
    .option('--format <format>', `shape of the result: ${formats.join(', ')}`)
    .option('--json', 'the same as --format json')
    .option('-q, --quiet', 'the same as --format quiet')
}

/** @throws HubError `HUB_INVALID_OPTION` for two of the flags, or a format that there is not */
export function readFormat(flags: OutputFlags): Format {
  const asked = [
    flags.format,
    flags.json ? 'json' : undefined,
    flags.quiet ? 'quiet' : undefined,
  ].filter((format) => format !== undefined)
  if (asked.length > 1)
    throw invalid('--format, --json and --quiet exclude each other', 'Give one of them.')
  const found = formats.find((format) => format === (asked[0] ?? 'human'))
  if (found) return found
  throw invalid(`"${asked[0] ?? ''}" is not an output format`, `Use one of: ${formats.join(', ')}.`)
}

/** Writes a result to stdout in the shape that was asked for. */
export function print(io: CliIo, format: Format, result: Printable): void {
  const text = render(result, format, io.stdout.columns || widthOf(io) || 80)
  if (text !== '') io.out(text.endsWith('\n') ? text : `${text}\n`)
}

function render(result: Printable, format: Format, width: number): string {
  switch (format) {
    case 'human':
      return result.human(width)
    case 'json':
      return JSON.stringify(result.json(), null, 2)
    case 'ndjson':
      return linesOf(result)
        .map((line) => JSON.stringify(line))
        .join('\n')
    case 'quiet':
      return [result.quiet()].flat().join('\n')
  }
}

function linesOf(result: Printable): readonly unknown[] {
  if (result.ndjson) return result.ndjson()
  const document = result.json()
  return Array.isArray(document) ? document : [document]
}

function widthOf(io: CliIo): number | undefined {
  const columns = Number(io.env['COLUMNS'])
  return Number.isInteger(columns) && columns > 0 ? columns : undefined
}

function invalid(message: string, hint: string): HubError {
  return new HubError({ code: 'HUB_INVALID_OPTION', message, hint })
}
