import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, type Socket } from 'node:net'
import { HubError, type RepoType, repoTypes } from '@hfx/core'
import { type ExchangeDeps, runExchange } from './exchange.ts'
import { type ActiveFault, createFaultList, type FaultRule } from './fault.ts'
import { type HubState } from './hub-state.ts'
import {
  type FakeHubOptions,
  type ResolvedFakeHubOptions,
  resolveFakeHubOptions,
} from './options.ts'
import { createQuotaCounter } from './quota-counter.ts'
import { type CommitSpec, type RepoSpec } from './repo-spec.ts'
import {
  createRepoStore,
  findCommit,
  pushCommit,
  type RepoStore,
  type StoredRepo,
} from './repo-store.ts'
import { createRequestLog, type LoggedRequest } from './request-log.ts'
import { createUrlSigner } from './sign-url.ts'

/** A Hub that runs in this process. */
export interface FakeHub {
  /** Origin of the API and of resolve URLs, without a final slash. */
  readonly url: string
  /** Origin of signed data URLs. */
  readonly cdnUrl: string
  /** Every request since the start or the last clearing, running ones included, in order of arrival. */
  readonly requests: readonly LoggedRequest[]
  /** Forgets the requests and the high-water marks. */
  clearRequests(): void
  /** The most requests that were open at the same moment, since the start or the last clearing. */
  maxConcurrent(on?: { readonly host?: 'hub' | 'cdn' }): number
  /**
   * Hash of the commit that a revision means.
   * @throws RangeError when there is no such repository or revision
   */
  commit(repoId: string, revision?: string, type?: RepoType): string
  /**
   * Adds a commit, moves a branch to it and returns its hash.
   * @throws RangeError when there is no such repository; TypeError when a file's spec is wrong
   */
  push(repoId: string, commit: CommitSpec, options?: PushOptions): string
  /** @throws TypeError when it is there already or its spec is wrong */
  addRepo(spec: RepoSpec): void
  /**
   * Makes something go wrong from now on.
   * @throws RangeError when a number of the rule makes no sense
   */
  addFault(rule: FaultRule): ActiveFault
  /** Takes every rule out of force. */
  clearFaults(): void
  /** Stops listening and drops every connection. */
  close(): Promise<void>
}

/** Where a pushed commit goes. */
export interface PushOptions {
  /** @default 'main' */
  readonly branch?: string
  /** @default the first type that has the id */
  readonly type?: RepoType
}

/**
 * Starts a Hub on two local ports: the Hub itself and the origin of its large files.
 * @throws TypeError or RangeError when an option is wrong; HubError `HUB_INVALID_OPTION` when a port is taken
 */
export async function startFakeHub(options: FakeHubOptions = {}): Promise<FakeHub> {
  const resolved = resolveFakeHubOptions(options)
  const store = createRepoStore(resolved.repos)
  const deps = createDeps(resolved, store)
  const hub = createOrigin(resolved, (message, response) => {
    void runExchange(deps, 'hub', { message, response }).catch(dropConnection(message))
  })
  const cdn = createOrigin(resolved, (message, response) => {
    void runExchange(deps, 'cdn', { message, response }).catch(dropConnection(message))
  })
  const { origins } = deps.state
  const { host, cdnHost } = resolved
  origins.hub = urlOf(host, await listen(hub, resolved, resolved.port), resolved)
  try {
    origins.cdn = urlOf(cdnHost, await listen(cdn, resolved, resolved.cdnPort), resolved)
  } catch (error) {
    await closeServer(hub)
    throw error
  }
  return {
    ...createControls(deps, store),
    url: origins.hub,
    cdnUrl: origins.cdn,
    async close() {
      for (const end of deps.running) end()
      await Promise.all([closeServer(hub), closeServer(cdn)])
    },
  }
}

function createDeps(options: ResolvedFakeHubOptions, store: RepoStore): ExchangeDeps {
  const state: HubState = {
    options,
    store,
    signer: createUrlSigner(options.clock, 'hfx fake hub'),
    blobs: new Map(),
    origins: { hub: '', cdn: '' },
  }
  const ids = new WeakMap<Socket, number>()
  let lastId = 0
  return {
    state,
    running: new Set(),
    log: createRequestLog(options.logLimit),
    faults: createFaultList(),
    quotas: createQuotaCounter(options.clock, options.quotas),
    connectionIdOf({ socket }) {
      const id = ids.get(socket) ?? ++lastId
      ids.set(socket, id)
      return id
    },
  }
}

function createControls(
  deps: ExchangeDeps,
  store: RepoStore,
): Omit<FakeHub, 'url' | 'cdnUrl' | 'close'> {
  const { log, faults } = deps
  return {
    requests: log.entries,
    clearRequests: () => log.clear(),
    maxConcurrent: (on) => log.maxConcurrent(on?.host),
    commit(repoId, revision = 'main', type) {
      const commit = findCommit(repoOrThrow(store, repoId, type), revision)
      if (!commit) throw new RangeError(`${repoId} has no revision ${revision}`)
      return commit.hash
    },
    push: (repoId, spec, options = {}) =>
      pushCommit(repoOrThrow(store, repoId, options.type), spec, options.branch ?? 'main').hash,
    addRepo: (spec) => void store.add(spec),
    addFault: (rule) => faults.add(rule),
    clearFaults: () => faults.clear(),
  }
}

function repoOrThrow(store: RepoStore, id: string, type: RepoType | undefined): StoredRepo {
  for (const one of type === undefined ? repoTypes : [type]) {
    const repo = store.find(one, id)
    if (repo) return repo
  }
  throw new RangeError(`the fake Hub has no ${type ?? 'repository'} ${id}`)
}

function createOrigin(options: ResolvedFakeHubOptions, listener: RequestListener): Server {
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener)
  server.keepAliveTimeout = 75_000
  server.requestTimeout = 0
  server.headersTimeout = 0
  return server
}

/** A defect of a route or of a caller's source must not end the process that the hub runs in. */
function dropConnection(message: IncomingMessage): (error: unknown) => void {
  return (error) => {
    message.socket.destroy(error instanceof Error ? error : undefined)
  }
}

function urlOf(host: string, port: number, { tls }: ResolvedFakeHubOptions): string {
  return `${tls ? 'https' : 'http'}://${formatHost(host)}:${port}`
}

/** The port that it listens on. */
function listen(server: Server, options: ResolvedFakeHubOptions, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new HubError({
          code: 'HUB_INVALID_OPTION',
          message: `the fake Hub cannot listen on ${options.host}:${port}`,
          hint: 'Choose another port, or 0 for any free one.',
          cause,
        }),
      )
    })
    server.listen(port, options.host, () => {
      resolve(portOf(server.address()) ?? port)
    })
  })
}

function portOf(address: AddressInfo | string | null): number | undefined {
  return typeof address === 'object' && address ? address.port : undefined
}

/** As a URL spells it; an address that means every interface is reached here by the loopback. */
function formatHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
