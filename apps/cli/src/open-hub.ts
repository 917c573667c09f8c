import type { ResolvedConfig } from '@hfx/config'
import type { EventSink } from '@hfx/core'
import type { HubClient } from '@hfx/hub'
import type { CliIo } from './io.ts'
import type { Format } from './output/format.ts'
import { createStderrLogger } from './output/stderr-logger.ts'

/** Flags that are options of the client under another name. */
export interface ClientFlags {
  readonly endpoint?: string
  readonly cacheDir?: string
  readonly localDir?: string
  readonly localFilesOnly?: boolean
  readonly forceSpace?: boolean
  readonly policy?: string
  readonly maxWorkers?: number
  readonly connections?: number
  readonly limitRate?: string
  readonly maxMemory?: string
  readonly progress?: string
}

/** A client, the configuration in force, and what draws on stderr. */
export interface OpenHub {
  readonly client: HubClient
  readonly config: ResolvedConfig
}

/** The options in force: flags, environment, `hfx.config.*` of the project and the user, defaults. */
export async function readConfig(io: CliIo, flags: ClientFlags): Promise<ResolvedConfig> {
  const { resolveConfig } = await import('@hfx/config')
  return resolveConfig({ flags: toOptions(flags), env: io.env, files: { folder: io.cwd } })
}

/** Runs `work` with a client whose progress shows on stderr, and closes both whatever happens. */
export async function withHub<T>(
  io: CliIo,
  request: { readonly flags: ClientFlags; readonly format?: Format },
  work: (hub: OpenHub) => Promise<T>,
): Promise<T> {
  const [config, { createHubClient }] = await Promise.all([
    readConfig(io, request.flags),
    import('@hfx/hub'),
  ])
  const screen = await openScreen(io, config, request.format)
  const client = createHubClient({
    env: io.env,
    flags: toOptions(request.flags),
    configFiles: { folder: io.cwd },
    onEvent: screen.sink,
    // The screen draws; the client would do it again.
    progress: 'none',
    // Engineers ask for records; people have the screen.
    ...(config.values['logLevel']?.source === 'default' ? {} : { logger: createStderrLogger(io) }),
  })
  try {
    return await work({ client, config })
  } finally {
    screen.close()
    await client.close()
  }
}

/** Options as the configuration names them; what no flag says is left out. */
export function toOptions(flags: ClientFlags): Readonly<Record<string, unknown>> {
  return {
    endpoint: flags.endpoint,
    cacheDir: flags.cacheDir,
    localDir: flags.localDir,
    localFilesOnly: flags.localFilesOnly,
    forceSpace: flags.forceSpace,
    policy: flags.policy,
    maxWorkers: flags.maxWorkers,
    connections: flags.connections,
    limitRate: flags.limitRate,
    maxBufferedBytes: flags.maxMemory,
    progress: flags.progress,
  }
}

interface Screen {
  readonly sink: EventSink
  readonly close: () => void
}

async function openScreen(io: CliIo, config: ResolvedConfig, format?: Format): Promise<Screen> {
  const { createRenderer, createTerminal } = await import('@hfx/progress')
  const mode =
    format === 'quiet' && config.values['progress']?.source !== 'flag'
      ? 'none'
      : config.settings.progress
  const renderer = createRenderer({ terminal: createTerminal(io.stderr), env: io.env }, { mode })
  return {
    close: renderer.close,
    sink(event) {
      // Why a job failed is told once, by the error.
      const isFailure = event.type === 'job:end' && event.outcome === 'failed'
      if (renderer.mode !== 'log' || !isFailure) renderer.sink(event)
    },
  }
}
