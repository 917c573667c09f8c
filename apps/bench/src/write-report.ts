import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Machine } from './describe-machine.ts'
import { caseIds } from './options.ts'
import { plotCases } from './plot-cases.ts'
import { renderCase } from './render-case.ts'
import { type CaseResult } from './results.ts'

/** A case with where and when it was measured; cases may be measured one at a time. */
export interface Measurement {
  readonly result: CaseResult
  readonly machine: Machine
}

const root = new URL('../../../', import.meta.url)
const page = new URL('docs/benchmarks.md', root)
const plot = new URL('docs/benchmarks.svg', root)
const figures = new URL('docs/benchmarks.json', root)

const begin = '<!-- Written by pnpm bench. -->'
const end = '<!-- End of what pnpm bench writes. -->'

/** Puts new results in place of older ones of the same cases; what people wrote around them stays. */
export async function writeReport(results: readonly CaseResult[], machine: Machine): Promise<void> {
  const known = await readMeasurements()
  const fresh = results.map((result) => ({ result, machine }))
  const all = caseIds
    .map((id) => [...fresh, ...known].find(({ result }) => result.id === id))
    .filter((each) => each !== undefined)
  await writeFile(figures, `${JSON.stringify(all, undefined, 2)}\n`)
  await writeFile(plot, plotCases(all.map(({ result }) => result)))
  const text = await readFile(page, 'utf8')
  const [before = '', rest = ''] = text.split(begin)
  const after = rest.split(end)[1] ?? ''
  await writeFile(page, `${before}${begin}\n\n${renderAll(all)}\n${end}${after}`)
  const formatter = new URL('node_modules/.bin/oxfmt', root)
  const written = [page, figures].map((url) => fileURLToPath(url))
  await promisify(execFile)(fileURLToPath(formatter), written)
}

/** The file is our own, written by the line above. */
async function readMeasurements(): Promise<readonly Measurement[]> {
  const text = await readFile(figures, 'utf8').catch(() => '[]')
  // JSON has no NaN: what did not run comes back as null.
  const parsed: unknown = JSON.parse(text, (_key, value: unknown) => value ?? Number.NaN)
  return Array.isArray(parsed) ? parsed.filter(isMeasurement) : []
}

function isMeasurement(value: unknown): value is Measurement {
  return typeof value === 'object' && value !== null && 'result' in value && 'machine' in value
}

function renderAll(all: readonly Measurement[]): string {
  return [
    '![Wall time of each case](benchmarks.svg)',
    '',
    ...all.flatMap(({ result, machine }) => [renderCase(result), renderMachine(machine), '']),
  ].join('\n')
}

function renderMachine(machine: Machine): string {
  const { date, processors, memory, system, versions, load } = machine
  return `Measured ${date} on ${processors}, ${memory}, ${system}; load average ${load}. ${versions}.`
}
