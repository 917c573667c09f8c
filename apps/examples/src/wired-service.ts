import { createServer, type Server } from 'node:http'
import { type Logger, systemClock } from '@hfx/core'
import {
  CONFIG_SOURCES,
  createApp,
  HUB_CLIENT,
  hubModule,
  invoke,
  LOGGER,
  module,
  provide,
  runApp,
  SHUTDOWN,
  supply,
  token,
  type Token,
} from '@hfx/wiring'
import { createPrintLogger, type SampleIo } from './sample.ts'

/** A model that is on its way, or here. */
interface Model {
  /** Undefined until it is complete. */
  folder(): string | undefined
}

const REPO: Token<string, 'repo'> = token('repo')
const PORT: Token<number, 'port'> = token('port')
const MODEL: Token<Model, 'model'> = token('model')
const SERVER: Token<Server, 'server'> = token('server')

/** Pulls the model in the background; the service is up meanwhile, and goes down when the pull fails. */
const modelModule = module('model', [
  provide(
    MODEL,
    { hub: HUB_CLIENT, repo: REPO, logger: LOGGER, shutdown: SHUTDOWN },
    ({ hub, repo, logger, shutdown }, lifecycle) => {
      const abort = new AbortController()
      let folder: string | undefined
      const pull = async (): Promise<void> => {
        try {
          folder = (await hub.snapshot(repo, { signal: abort.signal })).folder
          logger.info('model is ready', { repo, folder })
        } catch (error) {
          if (abort.signal.aborted) return
          logger.error('model cannot be had', { repo, error })
          shutdown({ exitCode: 1, reason: 'no model' })
        }
      }
      let pulling: Promise<void> | undefined
      lifecycle.append({
        onStart: () => void (pulling = pull()),
        onStop: async () => {
          abort.abort()
          await pulling
        },
      })
      return { folder: () => folder }
    },
  ),
])

/** `/healthz`: the process lives. `/readyz`: the model is here. */
const webModule = module('web', [
  provide(
    SERVER,
    { model: MODEL, port: PORT, logger: LOGGER },
    ({ model, port, logger }, lifecycle) => {
      const server = createServer((request, response) => {
        const isUp = request.url === '/healthz' || model.folder() !== undefined
        response.writeHead(isUp ? 200 : 503).end(isUp ? 'ok\n' : 'waiting for the model\n')
      })
      lifecycle.append({
        onStart: () =>
          new Promise<void>((resolve, reject) => {
            server.once('error', reject).listen(port, '127.0.0.1', () => {
              logger.info('listening', { address: server.address() })
              resolve()
            })
          }),
        onStop: () => new Promise<void>((resolve) => void server.close(() => resolve())),
      })
      return server
    },
  ),
])

/** A service in the manner of fx: parts by name, started in order, stopped in reverse at SIGTERM. */
export async function main(io: SampleIo): Promise<number> {
  const [repo = 'openai/whisper-tiny'] = io.args
  const logger: Logger = createPrintLogger(io.print)
  const app = createApp([
    hubModule,
    modelModule,
    webModule,
    supply(CONFIG_SOURCES, { env: io.env }),
    supply(LOGGER, logger),
    supply(REPO, repo),
    supply(PORT, Number(io.env['PORT'] ?? 8080)),
    invoke('serve', { server: SERVER }, () => {}),
  ])
  const startedAtMs = systemClock.now()
  const { exitCode, reason } = await runApp(app, io.signals)
  logger.info('stopped', { reason, upMs: systemClock.now() - startedAtMs })
  return exitCode
}
