import { parseArgs } from 'node:util'

export type CaseId = 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'memory'
export const caseIds: readonly CaseId[] = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'memory']

/** What the command line asks for. */
export interface BenchOptions {
  /** @default all */
  readonly cases: readonly CaseId[]
  /** Measured runs of each contestant. @default 3, with `quick` 1 */
  readonly runs: number
  /** Small files and no report: does the bench itself work? @default false */
  readonly quick: boolean
}

export const usage: string = `pnpm bench [--cases a,b,…] [--runs n] [--quick]

  --cases   some of: ${caseIds.join(', ')} (default: all)
  --runs    measured runs of each contestant (default: 3; 1 with --quick)
  --quick   small files; prints the table, leaves docs/benchmarks.md alone`

/** @throws RangeError or TypeError naming the argument that cannot be meant */
export function parseBenchOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      cases: { type: 'string' },
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return 'help'
  return {
    cases: values.cases === undefined ? caseIds : parseCases(values.cases),
    runs: parseRuns(values.runs ?? (values.quick ? '1' : '3')),
    quick: values.quick,
  }
}

function parseCases(text: string): readonly CaseId[] {
  const wanted = text.split(',').map((id) => id.trim())
  const wrong = wanted.find((id) => !isCaseId(id))
  if (wrong !== undefined) throw new RangeError(`--cases: there is no case "${wrong}"`)
  return caseIds.filter((id) => wanted.includes(id))
}

function isCaseId(id: string): id is CaseId {
  return caseIds.some((known) => known === id)
}

function parseRuns(text: string): number {
  const runs = Number(text)
  if (Number.isInteger(runs) && runs >= 1 && runs <= 20) return runs
  throw new RangeError(`--runs must be a whole number from 1 to 20, not "${text}"`)
}
