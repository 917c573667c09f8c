import { formatCount, formatMegabytes, formatSeconds } from './format.ts'
import { type CaseResult, type Row } from './results.ts'

/** A case as Markdown: the table, the targets, the notes. */
export function renderCase(result: CaseResult): string {
  const name = result.id.length === 1 ? `(${result.id}) ${result.title}` : result.title
  return [
    `### ${name}`,
    '',
    ...renderRows(result),
    '',
    '| target | measured | |',
    '| --- | --- | --- |',
    ...result.targets.map(
      ({ text, value, met }) => `| ${text} | ${value} | ${met ? 'met' : '**missed**'} |`,
    ),
    ...result.notes.flatMap((note) => ['', note]),
    '',
  ].join('\n')
}

function renderRows({ id, rows }: CaseResult): string[] {
  const sent = id === 'g'
  const head = ['', 'wall', '(min–max)', 'CPU', 'peak memory', 'requests']
  if (sent) head.push('bytes sent')
  return [
    `| ${head.join(' | ')} |`,
    `| --- ${'| ---: '.repeat(head.length - 1)}|`,
    ...rows.map((row) => `| ${renderRow(row, sent).join(' | ')} |`),
  ]
}

function renderRow(row: Row, sent: boolean): string[] {
  const { wallMs, cpuMs, peakBytes, requests, sentBytes } = row.figures
  if (row.runs === 0) return [row.name, `failed: ${row.failure ?? ''}`, '', '', '', '']
  const range = `${(wallMs.min / 1000).toFixed(2)}–${(wallMs.max / 1000).toFixed(2)}`
  const cells = [row.name, formatSeconds(wallMs.median), range, formatSeconds(cpuMs.median)]
  cells.push(formatMegabytes(peakBytes.median), formatCount(requests.median))
  if (sent) cells.push(formatMegabytes(sentBytes.median))
  return cells
}
