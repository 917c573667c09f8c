import type { OptionKind, OptionName, OptionSpec } from './option-spec.ts'
import { optionGroups, vocabulary } from './vocabulary.ts'

/** The options as Markdown: a table for each group, made from the one vocabulary. */
export function renderConfigReference(): string {
  return optionGroups
    .map(([title, names]) => `## ${title}\n\n${renderTable(names.map(rowOf))}`)
    .join('\n\n')
}

type Row = readonly [name: string, takes: string, preset: string, variables: string, doc: string]

const head: Row = ['option', 'takes', 'default', 'variable', 'what it does']

function rowOf(name: OptionName): Row {
  const spec = vocabulary[name]
  return [
    `\`${name}\``,
    takesOf(spec),
    spec.default ?? '–',
    variablesOf(spec),
    // A bar would end the cell, an angle would begin a tag.
    spec.doc.replaceAll(/[|<]/g, String.raw`\$&`),
  ]
}

const kindWords: Readonly<Record<OptionKind, string>> = {
  text: 'text',
  url: 'address',
  boolean: 'true or false',
  count: 'number',
  bytes: 'size',
  duration: 'time',
  list: 'list',
  choice: '',
  policy: 'policy',
}

function takesOf(spec: OptionSpec): string {
  return spec.choices?.map((choice) => `\`${choice}\``).join(', ') ?? kindWords[spec.kind]
}

function variablesOf(spec: OptionSpec): string {
  const remark =
    (spec.inverted === true ? ' (the opposite)' : '') + (spec.seconds === true ? ' (seconds)' : '')
  const names = spec.env?.map((name) => `\`${name}\``).join(', ')
  return names === undefined ? '–' : names + remark
}

/** Cells in columns, as the formatter of the house wants them. */
function renderTable(rows: readonly Row[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const padded = (row: Row): string =>
    renderLine(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)))
  return [
    padded(head),
    renderLine(widths.map((width) => '-'.repeat(width))),
    ...rows.map(padded),
  ].join('\n')
}

function renderLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
