import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { type FakeHub, type Fault, type FaultTarget, startFakeHub } from '@hfx/fake-hub'
import { createHubClient, type HubClientOptions } from '@hfx/hub'
import { useServer, useTempDir } from '@hfx/testing'
import { onTestFinished } from 'vitest'

const MiB = 1024 ** 2

/** A Hub of the row's own, and the ways to ask it that end badly. */
export interface FaultStage {
  readonly hub: FakeHub
  readonly folder: string
  /** What goes wrong from here on, for every request that is meant. */
  break(on: FaultTarget, fault: Fault): void
  snapshot(repo: string, options?: HubClientOptions): Promise<unknown>
  file(path: string, options?: HubClientOptions): Promise<unknown>
  /** A question that only the Hub can answer. */
  ask(options: HubClientOptions): Promise<unknown>
}

/** What hosts of the data are called in fault rules. */
export const data: FaultTarget = { host: 'cdn' }

export async function useFaultStage(): Promise<FaultStage> {
  const hub = await startFakeHub({
    repos: [
      { id: 'acme/git', commits: [{ files: { 'config.json': '{"a": 1}\n' } }] },
      {
        id: 'acme/lfs',
        commits: [{ files: { 'model.bin': { lfs: true, generate: { sizeBytes: MiB, seed: 1 } } } }],
      },
      { id: 'acme/huge', commits: [{ files: { 'model.bin': huge } }] },
      { id: 'acme/gated', gated: 'manual', commits: [{ files: { 'a.txt': 'a' } }] },
      { id: 'acme/private', private: true, commits: [{ files: { 'a.txt': 'a' } }] },
      { id: 'acme/disabled', disabled: true, commits: [{ files: { 'a.txt': 'a' } }] },
      { id: 'acme/hostile', commits: [{ files: { 'a.txt': 'a' }, rawListing: [hostile] }] },
    ],
    users: [{ token: 'hf_bob_bob_bob_5678', name: 'bob' }],
  })
  onTestFinished(() => hub.close())
  const folder = await useTempDir()
  function open(options: HubClientOptions) {
    const client = createHubClient({
      // Who gives an environment wants its token.
      ...(options.env ? {} : { env: {}, token: false }),
      endpoint: hub.url,
      cacheDir: join(folder, 'cache'),
      retryIntervalMs: 1,
      maxRetries: 1,
      stallTimeoutMs: 200,
      ...options,
    })
    onTestFinished(() => client.close())
    return client
  }
  return {
    hub,
    folder,
    break: (on, fault) => void hub.addFault({ on, fault }),
    snapshot: (repo, options = {}) => open(options).snapshot(repo),
    file: (path, options = {}) => open(options).download('acme/git', path),
    ask: (options) => open(options).repoInfo('acme/git'),
  }
}

const huge = {
  lfs: true,
  generate: { sizeBytes: 10 ** 15, seed: 2 },
  trustSha256: 'a'.repeat(64),
} as const
const hostile = {
  type: 'file',
  path: '../evil',
  size: 1,
  oid: '2e65efe2a145dda7ee51d1741299f848e5bf752e',
} as const

/** A Hub behind a certificate that nobody here trusts. */
export async function startUntrusted(): Promise<string> {
  const pem = (name: string): string =>
    readFileSync(
      new URL(`../../../../packages/http/test/fixtures/${name}`, import.meta.url),
      'utf8',
    )
  const hub = await startFakeHub({ tls: { cert: pem('server.pem'), key: pem('server-key.pem') } })
  onTestFinished(() => hub.close())
  return hub.url
}

/** A server that takes connections and says nothing. */
export async function startMute(): Promise<string> {
  return `http://127.0.0.1:${await useServer(createTcpServer(() => undefined))}`
}

/** A proxy that lets nobody through. */
export async function startClosedProxy(status: number): Promise<string> {
  const server = createHttpServer((_request, response) => void response.writeHead(status).end())
  server.on('connect', (_request, socket) =>
    socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`),
  )
  return `http://127.0.0.1:${await useServer(server)}`
}

/** An answer with a name that people can ask the Hub about. */
export function refusal(status: number, headers: Readonly<Record<string, string>> = {}): Fault {
  return { kind: 'status', status, headers: { 'x-request-id': 'req-1', ...headers } }
}

/** Every request meets the fault. */
export function asking(fault: Fault): (stage: FaultStage) => Promise<unknown> {
  return (stage) => {
    stage.break({}, fault)
    return stage.snapshot('acme/git')
  }
}

/** Every request for data does. */
export function fetching(fault: Fault): (stage: FaultStage) => Promise<unknown> {
  return (stage) => {
    stage.break(data, fault)
    return stage.snapshot('acme/lfs')
  }
}

/** Code, or else name, of what everything began with. */
export function firstCauseOf(error: Error): unknown {
  if (error.cause instanceof Error) return firstCauseOf(error.cause)
  return 'code' in error ? error.code : error.name
}
