import { rename, writeFile } from 'node:fs/promises'
import type { EventSink, HubEvent } from '@hfx/core'
import { createPhaseClock } from './phase-clock.ts'

/** Counts what clients do, for Prometheus. */
export interface PrometheusTextfile {
  /** Give it to a client (`onEvent`). */
  readonly sink: EventSink
  /** The metrics so far, in the text format of Prometheus. */
  render(): string
  /** Writes them for node_exporter's textfile collector, atomically. */
  write(file: string): Promise<void>
}

type Labels = Readonly<Record<string, string>>

const help: Readonly<Record<string, readonly [type: 'counter' | 'gauge', text: string]>> = {
  hfx_jobs_total: ['counter', 'Jobs that came to an end, by outcome.'],
  hfx_job_duration_seconds: ['gauge', 'How long the last job took.'],
  hfx_files_total: ['counter', 'Files that came to an end, by outcome.'],
  hfx_fetched_bytes_total: ['counter', 'Bytes fetched over the network.'],
  hfx_cached_bytes_total: ['counter', 'Bytes that were in place before a job began.'],
  hfx_retries_total: ['counter', 'Ranges that were asked for again, by error.'],
  hfx_stalls_total: ['counter', 'Connections that fell silent.'],
  hfx_held_back_seconds_total: ['counter', 'Time that requests waited for rate limits, by bucket.'],
  hfx_lock_wait_seconds_total: ['counter', 'Time that files waited for another process.'],
  hfx_last_success_timestamp_seconds: ['gauge', 'When a job last ended well.'],
}

/** Metrics of a batch job without a server: events in, one text file out. Needs no OpenTelemetry SDK. */
export function createPrometheusTextfile(): PrometheusTextfile {
  const values = new Map<string, Map<string, number>>()

  function change(name: string, labels: Labels, next: (before: number) => number): void {
    const series = values.get(name) ?? new Map<string, number>()
    const key = renderLabels(labels)
    values.set(name, series.set(key, next(series.get(key) ?? 0)))
  }
  const add = (name: string, amount: number, labels: Labels = {}): void =>
    change(name, labels, (before) => before + amount)
  const set = (name: string, value: number, labels: Labels = {}): void =>
    change(name, labels, () => value)

  const toPhaseTime = createPhaseClock()

  return {
    sink(event) {
      count(event, { add, set })
      const ended = toPhaseTime(event)
      if (ended?.phase === 'wait') add('hfx_lock_wait_seconds_total', ended.seconds)
    },
    render: () => render(values),
    async write(file) {
      const temporary = `${file}.${process.pid}.tmp`
      await writeFile(temporary, render(values))
      await rename(temporary, file)
    },
  }
}

interface Counters {
  add(name: string, amount: number, labels?: Labels): void
  set(name: string, value: number, labels?: Labels): void
}

function count(event: HubEvent, { add, set }: Counters): void {
  switch (event.type) {
    case 'job:plan':
      add('hfx_cached_bytes_total', event.cachedBytes)
      return
    case 'job:end':
      add('hfx_jobs_total', 1, { outcome: event.outcome })
      set('hfx_job_duration_seconds', event.durationMs / 1000)
      if (event.outcome !== 'failed' && event.outcome !== 'aborted') {
        set('hfx_last_success_timestamp_seconds', event.atMs / 1000)
      }
      return
    case 'file:end':
      add('hfx_files_total', 1, { outcome: event.outcome })
      add('hfx_fetched_bytes_total', event.fetchedBytes)
      return
    case 'file:retry':
      add('hfx_retries_total', 1, { error: event.code })
      return
    case 'file:stall':
      add('hfx_stalls_total', 1)
      return
    case 'request:wait':
      add('hfx_held_back_seconds_total', event.waitMs / 1000, {
        bucket: event.bucket,
        reason: event.reason,
      })
      return
    default:
  }
}

function render(values: ReadonlyMap<string, ReadonlyMap<string, number>>): string {
  const lines: string[] = []
  for (const [name, [type, text]] of Object.entries(help)) {
    lines.push(`# HELP ${name} ${text}`, `# TYPE ${name} ${type}`)
    for (const [labels, value] of values.get(name) ?? []) lines.push(`${name}${labels} ${value}`)
  }
  return `${lines.join('\n')}\n`
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
