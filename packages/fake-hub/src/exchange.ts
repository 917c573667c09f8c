import { type IncomingMessage, type ServerResponse } from 'node:http'
import { systemClock } from '@hfx/core'
import { type Answer, answerRefusal, answerText } from './answer.ts'
import { type Fault, type FaultList, findFault } from './fault.ts'
import { decodePart, type HubRequest, isApiPath } from './hub-request.ts'
import { type HubState } from './hub-state.ts'
import { type QuotaCounter } from './quota-counter.ts'
import { markSecrets, markSignature, type OpenRequest, type RequestLog } from './request-log.ts'
import { bucketOf, routeRequest } from './route-request.ts'
import { answerData } from './routes/data.ts'
import { sendAnswer } from './send-answer.ts'
import { createHttpWire, createRawWire, sleepUnlessGone } from './wire.ts'

export interface ExchangeDeps {
  readonly state: HubState
  readonly log: RequestLog
  readonly faults: FaultList
  readonly quotas: QuotaCounter
  readonly connectionIdOf: (message: IncomingMessage) => number
  /** Aborted when the hub closes. */
  readonly closing: AbortSignal
}

/** One request from its first line to the last byte of its answer. */
export async function runExchange(
  deps: ExchangeDeps,
  host: 'hub' | 'cdn',
  pair: { readonly message: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { message, response } = pair
  const gone = new AbortController()
  const entry = openEntry(deps, host, message)
  const end = (): void => {
    entry.aborted ||= !response.writableFinished
    gone.abort()
    if (entry.ended) return
    deps.log.close(entry)
    deps.state.options.onRequest(entry)
  }
  deps.closing.addEventListener('abort', end, { once: true })
  response.once('close', () => {
    deps.closing.removeEventListener('abort', end)
    end()
  })
  message.on('error', () => gone.abort())
  const faults = deps.faults.take(describeSubject(host, message))
  await answerExchange(deps, { entry, message, response, faults, gone: gone.signal })
}

interface Exchange {
  readonly entry: OpenRequest
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly faults: readonly Fault[]
  readonly gone: AbortSignal
}

async function answerExchange(deps: ExchangeDeps, exchange: Exchange): Promise<void> {
  const { entry, response, faults, gone } = exchange
  const latency = findFault(faults, 'latency')
  if (latency) await sleepUnlessGone(systemClock, latency.ms, gone)
  if (findFault(faults, 'refuse')) {
    response.socket?.destroy()
    return
  }
  const request = readRequest(deps, exchange)
  const answer = replaceAnswer(faults, entry.url) ?? (await chooseAnswer(deps, exchange, request))
  if (gone.aborted) return
  entry.status = answer.status
  const slow = findFault(faults, 'slowHeaders')
  const raw = slow ?? findFault(faults, 'setHeaders')
  const wire = raw
    ? createRawWire(response, gone, { clock: systemClock, lineMs: slow?.ms ?? 0 })
    : createHttpWire(response, gone)
  await sendAnswer(wire, answer, {
    faults,
    isHead: request.method === 'HEAD',
    onSent: (bytes) => {
      entry.sentBytes += bytes
    },
  })
}

/** The faults that answer in the Hub's place. */
function replaceAnswer(faults: readonly Fault[], url: string): Answer | undefined {
  for (const fault of faults) {
    if (fault.kind === 'status')
      return answerText(fault.status, fault.body ?? '', fault.headers ?? {})
    if (fault.kind === 'html')
      return answerText(200, '<!doctype html><title>Sign in</title><form>Sign in first</form>', {
        'Content-Type': 'text/html; charset=utf-8',
      })
    if (fault.kind === 'redirect')
      return answerText(fault.status ?? 302, '', { Location: fault.to.replaceAll('{url}', url) })
  }
  return undefined
}

async function chooseAnswer(
  deps: ExchangeDeps,
  exchange: Exchange,
  request: HubRequest,
): Promise<Answer> {
  if (exchange.entry.host === 'cdn') return answerData(deps.state, request)
  const bucket = bucketOf(request.rawPath)
  const address = exchange.message.socket.remoteAddress ?? ''
  const user = request.user ? { user: request.user.name } : {}
  const counted = deps.quotas.count(bucket, { ...user, address })
  const answer = counted.allowed
    ? await answerHub(deps.state, request)
    : answerRefusal(
        { status: 429, message: `You have exceeded the rate limit of the ${bucket} bucket.` },
        isApiPath(request.rawPath),
      )
  return {
    ...answer,
    headers: { ...answer.headers, ...counted.headers, ...standingHeaders(exchange.entry) },
  }
}

async function answerHub(state: HubState, request: HubRequest): Promise<Answer> {
  const isApi = isApiPath(request.rawPath)
  if (request.headers['authorization'] !== undefined && !request.user)
    return answerRefusal(
      { status: 401, message: 'Invalid credentials in Authorization header' },
      isApi,
    )
  return routeRequest(state, request)
}

function standingHeaders(entry: OpenRequest): Record<string, string> {
  const id = String(entry.connectionId).padStart(8, '0')
  return {
    'X-Powered-By': 'huggingface-moon',
    'X-Request-Id': `Root=1-${id}-${entry.atMs.toString(16).padStart(24, '0')}`,
  }
}

function openEntry(deps: ExchangeDeps, host: 'hub' | 'cdn', message: IncomingMessage): OpenRequest {
  const { users, clock } = deps.state.options
  const headers = flattenHeaders(message)
  const target = message.url ?? '/'
  const entry: OpenRequest = {
    method: message.method ?? 'GET',
    url: markSignature(deps.state.origins[host] + target),
    path: target.split('?', 1)[0] ?? target,
    host,
    range: headers['range'],
    headers: markSecrets(headers, (token) => users.find((user) => user.token === token)?.name),
    file: findFile(target),
    status: 0,
    sentBytes: 0,
    connectionId: deps.connectionIdOf(message),
    atMs: clock.now(),
    aborted: false,
    ended: false,
  }
  deps.log.open(entry)
  return entry
}

function readRequest(deps: ExchangeDeps, exchange: Exchange): HubRequest {
  const { message, faults } = exchange
  const headers = flattenHeaders(message)
  const target = message.url ?? '/'
  const queryAt = target.indexOf('?')
  const search = queryAt < 0 ? '' : target.slice(queryAt)
  const token = headers['authorization']?.replace(/^bearer\s+/i, '')
  return {
    method: message.method ?? 'GET',
    rawPath: queryAt < 0 ? target : target.slice(0, queryAt),
    query: new URLSearchParams(search),
    search,
    headers,
    user: deps.state.options.users.find((user) => user.token === token),
    faults,
    body: () => readBody(message),
  }
}

const mostBodyBytes = 1024 * 1024

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message) {
    const bytes = Buffer.from(chunk)
    size += bytes.byteLength
    if (size <= mostBodyBytes) chunks.push(bytes)
  }
  return size > mostBodyBytes ? '' : Buffer.concat(chunks).toString()
}

function flattenHeaders(message: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(message.headers))
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  return flat
}

function describeSubject(host: 'hub' | 'cdn', message: IncomingMessage) {
  const target = message.url ?? '/'
  const path = target.split('?', 1)[0] ?? target
  const file = findFile(target)
  return {
    method: message.method ?? 'GET',
    host,
    range: message.headers.range,
    texts: [
      decodePart(path) ?? path,
      decodePart(target) ?? target,
      ...(file === undefined ? [] : [file]),
    ],
  }
}

/** The repository path that a resolve, resolve-cache or data URL is about. */
function findFile(target: string): string | undefined {
  const [path = '', query = ''] = target.split('?', 2)
  const resolved =
    /\/resolve\/[^/]+\/(.+)$/.exec(path) ??
    /^\/api\/resolve-cache\/.+?\/[0-9a-f]{40}\/(.+)$/.exec(path)
  if (resolved?.[1] !== undefined) return decodePart(resolved[1])
  return new URLSearchParams(query).get('path') ?? undefined
}
