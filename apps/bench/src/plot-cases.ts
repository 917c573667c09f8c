import { formatSeconds } from './format.ts'
import { type CaseResult, type Row } from './results.ts'

const width = 860
const labelWidth = 300
const barHeight = 16
const rowHeight = 22
const headHeight = 34

/** Wall times as bars, one group a case, each scaled to its slowest. Plain SVG that reads on light and dark pages. */
export function plotCases(results: readonly CaseResult[]): string {
  const parts: string[] = []
  let top = 8
  for (const result of results) {
    const rows = result.rows.filter(({ runs }) => runs > 0)
    parts.push(`<text class="head" x="8" y="${top + 20}">${escapeText(result.title)}</text>`)
    top += headHeight
    const slowest = Math.max(...rows.map((row) => row.figures.wallMs.median))
    for (const row of rows) {
      parts.push(plotRow(row, { top, slowest }))
      top += rowHeight
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + 8}" role="img">
<title>Wall time of each case, shorter is better</title>
<style>
text { font: 13px system-ui, sans-serif; fill: #57606a }
.head { font-weight: 600 }
.own { fill: #0969da } .peer { fill: #8c959f } .spread { stroke: #57606a }
@media (prefers-color-scheme: dark) { text { fill: #b1bac4 } .spread { stroke: #b1bac4 } }
</style>
${parts.join('\n')}
</svg>
`
}

function plotRow(row: Row, at: { readonly top: number; readonly slowest: number }): string {
  const { median, min, max } = row.figures.wallMs
  const scale = (width - labelWidth - 110) / at.slowest
  const x = (ms: number): string => (labelWidth + Math.min(ms, at.slowest) * scale).toFixed(1)
  const own = /^(hfx|import '@hfx)/.test(row.name)
  const middle = at.top + barHeight / 2
  return [
    `<text x="${labelWidth - 8}" y="${at.top + 12}" text-anchor="end">${escapeText(row.name)}</text>`,
    `<rect class="${own ? 'own' : 'peer'}" x="${labelWidth}" y="${at.top}" width="${(median * scale).toFixed(1)}" height="${barHeight}"/>`,
    `<line class="spread" x1="${x(min)}" x2="${x(max)}" y1="${middle}" y2="${middle}"/>`,
    `<text x="${(labelWidth + median * scale + 8).toFixed(1)}" y="${at.top + 12}">${formatSeconds(median)}</text>`,
  ].join('\n')
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
