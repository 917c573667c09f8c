import { combineSinks } from '@hfx/core'
import { createHubClient } from '@hfx/hub'
import { createPrometheusTextfile } from '@hfx/opentelemetry/prometheus'
import { createRenderer, formatBytes, formatDuration, formatRate } from '@hfx/progress'
import { pino } from 'pino'
import type { SampleIo } from './sample.ts'

/** Bars for a person, records for a log, numbers for a dashboard: three listeners of the same events. */
export async function main(io: SampleIo): Promise<number> {
  const [repo = 'openai/whisper-tiny'] = io.args
  // Bars on a terminal; lines in CI, containers and pipes; HF_PROGRESS_MODE decides otherwise.
  const renderer = createRenderer({ terminal: io.terminal, env: io.env })
  const logger = pino({ level: 'info', base: null }, { write: (line) => io.print(line.trimEnd()) })
  const metrics = createPrometheusTextfile()
  const hub = createHubClient({
    env: io.env,
    logger,
    logLevel: 'info',
    detailedLogs: true,
    onEvent: combineSinks(renderer.sink, metrics.sink),
  })
  hub.on('job:plan', (plan) => {
    io.print(
      `${plan.files} files: ${formatBytes(plan.fetchBytes)} to fetch, ${formatBytes(plan.cachedBytes)} here`,
    )
  })
  try {
    const result = await hub.snapshot(repo)
    const seconds = Math.max(result.durationMs, 1) / 1000
    const rate = formatRate(result.fetchedBytes / seconds)
    io.print(`${result.files.length} files in ${formatDuration(result.durationMs)}, ${rate}`)
    io.print(metrics.render())
    return 0
  } finally {
    renderer.close()
    await hub.close()
  }
}
