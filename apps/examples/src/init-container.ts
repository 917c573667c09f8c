import { rename, rm, writeFile } from 'node:fs/promises'
import { isHubError, SnapshotError, systemClock, systemRandom } from '@hfx/core'
import { createHubClient } from '@hfx/hub'
import { createPrometheusTextfile } from '@hfx/opentelemetry/prometheus'
import { createRenderer } from '@hfx/progress'
import type { SampleIo } from './sample.ts'

/** What Kubernetes is told: restart me, or do not bother. The numbers are those of sysexits.h. */
export const exitCodes = { ok: 0, temporary: 75, noAccess: 77, configuration: 78 } as const

/**
 * Brings a model onto a node before the server starts. Reads MODEL_REPO, MODEL_REVISION, READY_FILE, METRICS_FILE and
 * START_SPREAD_SECONDS, beside all `HF_*` variables.
 */
export async function main(io: SampleIo): Promise<number> {
  const { MODEL_REPO: repo, READY_FILE: readyFile, METRICS_FILE: metricsFile } = io.env
  // An old one must not pass for ours.
  if (readyFile) await rm(readyFile, { force: true })
  if (!repo || !readyFile) {
    io.print('MODEL_REPO and READY_FILE must be set')
    return exitCodes.configuration
  }
  await spreadStarts(io)

  const metrics = createPrometheusTextfile()
  const renderer = createRenderer({ terminal: io.terminal, env: io.env }, { mode: 'log' })
  const hub = createHubClient({ env: io.env, onEvent: renderer.sink })
  hub.onAny(metrics.sink)
  try {
    const revision = io.env['MODEL_REVISION'] ?? 'main'
    const { folder, commit } = await hub.snapshot(repo, { revision, signal: io.signal })
    await publish(readyFile, { repo, commit, folder })
    io.print(`${repo} is ready at ${folder}`)
    return exitCodes.ok
  } catch (error) {
    io.print(error instanceof Error ? error.message : String(error))
    return exitCodeOf(error)
  } finally {
    renderer.close()
    await hub.close()
    if (metricsFile) await metrics.write(metricsFile)
  }
}

/** A thousand nodes that start at once would ask the Hub at once. */
async function spreadStarts(io: SampleIo): Promise<void> {
  const spreadMs = Number(io.env['START_SPREAD_SECONDS'] ?? 0) * 1000
  await systemClock.sleep(systemRandom() * spreadMs, io.signal)
}

/** The file is there only when it is whole. */
async function publish(file: string, ready: Readonly<Record<string, string>>): Promise<void> {
  await writeFile(`${file}.tmp`, `${JSON.stringify(ready)}\n`)
  await rename(`${file}.tmp`, file)
}

function exitCodeOf(error: unknown): number {
  // The first failed file stands for the snapshot.
  const cause = error instanceof SnapshotError ? error.failures[0]?.error : error
  if (!isHubError(cause)) return exitCodes.temporary
  switch (cause.code) {
    case 'HUB_GATED_REPO':
    case 'HUB_UNAUTHORIZED':
    case 'HUB_FORBIDDEN':
      return exitCodes.noAccess
    case 'HUB_REPO_NOT_FOUND':
    case 'HUB_REVISION_NOT_FOUND':
    case 'HUB_INVALID_REPO_ID':
    case 'HUB_INVALID_CONFIG':
      return exitCodes.configuration
    default:
      return exitCodes.temporary
  }
}
