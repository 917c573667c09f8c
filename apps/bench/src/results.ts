import { type CaseId } from './options.ts'

/** One measured run. */
export interface Sample {
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakBytes: number
  /** Answers of the Hub and of the data origin. */
  readonly requests: number
  /** Of these, to the Hub's API for other things than bytes. */
  readonly metadataRequests: number
  /** Bodies that the data origin sent. */
  readonly sentBytes: number
  /** From the first request to the last byte of the Hub's own data origin, in milliseconds. */
  readonly dataMs: number
}

export type Figure = keyof Sample

export interface Spread {
  /** In the order of the rounds. */
  readonly each: readonly number[]
  readonly median: number
  readonly min: number
  readonly max: number
}

/** All runs of one contestant. */
export interface Row {
  readonly name: string
  readonly runs: number
  readonly figures: Readonly<Record<Figure, Spread>>
  /** What went wrong, when no run succeeded. */
  readonly failure?: string
}

/** A promise and what came of it. */
export interface Target {
  readonly text: string
  readonly value: string
  readonly met: boolean
}

export interface CaseResult {
  readonly id: CaseId
  readonly title: string
  readonly rows: readonly Row[]
  readonly targets: readonly Target[]
  /** Facts about the set-up that a reader needs. */
  readonly notes: readonly string[]
}

export function summarize(name: string, samples: readonly Sample[], failure?: string): Row {
  const spread = (figure: Figure): Spread => spreadOf(samples.map((sample) => sample[figure]))
  return {
    name,
    runs: samples.length,
    figures: {
      wallMs: spread('wallMs'),
      cpuMs: spread('cpuMs'),
      peakBytes: spread('peakBytes'),
      requests: spread('requests'),
      metadataRequests: spread('metadataRequests'),
      sentBytes: spread('sentBytes'),
      dataMs: spread('dataMs'),
    },
    ...(samples.length === 0 && failure !== undefined ? { failure } : {}),
  }
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? Number.NaN) : upper
  return {
    each: values,
    median: (lower + upper) / 2,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  }
}

/** The median of one contestant's figure; NaN when it did not run. */
export function medianOf(rows: readonly Row[], name: string, figure: Figure): number {
  return rows.find((row) => row.name === name)?.figures[figure].median ?? Number.NaN
}

export interface Comparison {
  readonly name: string
  readonly other: string
  /** @default 'wallMs' */
  readonly figure?: Figure
}

/**
 * How many times another's figure: the median of the ratios round by round, so that a slow spell of the machine falls on
 * both. NaN when either did not run.
 */
export function ratioOf(rows: readonly Row[], { name, other, figure }: Comparison): number {
  const [mine = [], theirs = []] = [name, other].map(
    (wanted) => rows.find((row) => row.name === wanted)?.figures[figure ?? 'wallMs'].each,
  )
  if (mine.length !== theirs.length) return spreadOf(mine).median / spreadOf(theirs).median
  return spreadOf(mine.map((value, round) => value / (theirs[round] ?? Number.NaN))).median
}

/** A target of the form "at most so many times another's figure". Not met when either is missing. */
export function atMostTimes(
  text: string,
  { rows, ...comparison }: Comparison & { readonly rows: readonly Row[] },
  limit: number,
): Target {
  const ratio = ratioOf(rows, comparison)
  return { text, value: `${ratio.toFixed(2)} ×`, met: ratio <= limit }
}

/** A target of the form "at most this figure". */
export function atMost(
  text: string,
  figure: { readonly value: number; readonly limit: number },
  show: (value: number) => string,
): Target {
  return { text, value: show(figure.value), met: figure.value <= figure.limit }
}
