import { createHash } from 'node:crypto'
import { type IncomingMessage, type ServerResponse } from 'node:http'
import { systemClock } from '@hfx/core'
import { type Answer, answerRefusal, answerText } from './answer.ts'
import { corsHeaders } from './cors.ts'
import { type Fault, type FaultList, findFault } from './fault.ts'
import { type HubRequest, isApiPath } from './hub-request.ts'
import { type HubState } from './hub-state.ts'
import { type QuotaCounter } from './quota-counter.ts'
import { describeSubject, flattenHeaders, parseTarget, readRequest } from './read-request.ts'
import { markSecrets, markSignature, type OpenRequest, type RequestLog } from './request-log.ts'
import { bucketOf, routeRequest } from './route-request.ts'
import { answerSignedBlob } from './routes/signed-blob.ts'
import { sendAnswer } from './send-answer.ts'
import { openWire, sleepUnlessGone, type Wire } from './wire.ts'

export interface ExchangeDeps {
  readonly state: HubState
  readonly log: RequestLog
  readonly faults: FaultList
  readonly quotas: QuotaCounter
  readonly connectionIdOf: (message: IncomingMessage) => number
  /** Ends each exchange that runs, for when the hub closes. */
  readonly running: Set<() => void>
}

export interface MessagePair {
  readonly message: IncomingMessage
  readonly response: ServerResponse
}

/** One request from its first line to the last byte of its answer. */
export async function runExchange(
  deps: ExchangeDeps,
  host: 'hub' | 'cdn',
  pair: MessagePair,
): Promise<void> {
  const { message, response } = pair
  const gone = new AbortController()
  const entry = openEntry(deps, host, message)
  const subject = describeSubject(host, message, parseTarget(message))
  const faults = deps.faults.take(subject)
  const wire = openWire(response, gone.signal, faults)
  const end = (): void => {
    gone.abort()
    if (entry.ended) return
    entry.aborted = !wire.isComplete()
    deps.log.close(entry, deps.state.options.clock.now())
    deps.state.options.onRequest(entry)
  }
  deps.running.add(end)
  response.once('close', () => {
    deps.running.delete(end)
    end()
  })
  response.on('error', end)
  await answerExchange(deps, { entry, message, response, faults, wire })
}

interface Exchange extends MessagePair {
  readonly entry: OpenRequest
  readonly faults: readonly Fault[]
  readonly wire: Wire
}

async function answerExchange(deps: ExchangeDeps, exchange: Exchange): Promise<void> {
  const { entry, message, response, faults, wire } = exchange
  const latency = findFault(faults, 'latency')
  if (latency) await sleepUnlessGone(systemClock, latency.ms, wire.gone)
  if (findFault(faults, 'refuse')) {
    response.socket?.destroy()
    return
  }
  const request = readRequest(deps.state, message, faults)
  const answer = replaceAnswer(faults, request) ?? (await chooseAnswer(deps, exchange, request))
  if (wire.gone.aborted) return
  entry.status = answer.status
  await sendAnswer(wire, answer, {
    faults,
    isHead: request.method === 'HEAD',
    onSent: (bytes) => {
      entry.sentBytes += bytes
    },
  })
}

/** The faults that answer in the Hub's place. */
function replaceAnswer(faults: readonly Fault[], request: HubRequest): Answer | undefined {
  for (const fault of faults) {
    if (fault.kind === 'status')
      return answerText(fault.status, fault.body ?? '', fault.headers ?? {})
    if (fault.kind === 'html')
      return answerText(200, '<!doctype html><title>Sign in</title><form>Sign in first</form>', {
        'Content-Type': 'text/html; charset=utf-8',
      })
    if (fault.kind === 'redirect')
      return answerText(fault.status ?? 302, '', {
        Location: fault.to.replaceAll('{url}', request.rawPath + request.search),
      })
  }
  return undefined
}

async function chooseAnswer(
  deps: ExchangeDeps,
  exchange: Exchange,
  request: HubRequest,
): Promise<Answer> {
  const cors = corsHeaders(request)
  const standing = exchange.entry.host === 'cdn' ? cors : { ...cors, ...standingHeaders(deps) }
  if (request.method === 'OPTIONS') return answerText(204, '', standing)
  if (exchange.entry.host === 'cdn') {
    const answer = answerSignedBlob(deps.state, request)
    return { ...answer, headers: { ...answer.headers, ...standing } }
  }
  const address = exchange.message.socket.remoteAddress ?? ''
  const answer = await answerCounted(deps, request, address)
  return { ...answer, headers: { ...answer.headers, ...standing } }
}

async function answerCounted(
  deps: ExchangeDeps,
  request: HubRequest,
  address: string,
): Promise<Answer> {
  const isApi = isApiPath(request.rawPath)
  const bucket = bucketOf(request.rawPath)
  const counted = deps.quotas.count(bucket, { user: request.user?.name, address })
  const answer = counted.allowed
    ? await answerAuthenticated(deps.state, request)
    : answerRefusal({ status: 429, message: `Rate limit of "${bucket}" requests exceeded` }, isApi)
  return { ...answer, headers: { ...answer.headers, ...counted.headers } }
}

async function answerAuthenticated(state: HubState, request: HubRequest): Promise<Answer> {
  const isApi = isApiPath(request.rawPath)
  if (request.headers['authorization'] !== undefined && !request.user)
    return answerRefusal(
      { status: 401, message: 'Invalid credentials in Authorization header' },
      isApi,
    )
  try {
    return await routeRequest(state, request)
  } catch (error) {
    // A defect of a caller's source or of this hub: say so instead of hanging up.
    const message = error instanceof Error ? error.message.replace(/[^\u0020-\u007e]/gu, '?') : ''
    return answerRefusal({ status: 500, message: `The fake Hub failed: ${message}` }, isApi)
  }
}

function standingHeaders(deps: ExchangeDeps): Record<string, string> {
  const id = createHash('sha1').update(String(deps.log.total())).digest('hex')
  return {
    'X-Powered-By': 'huggingface-moon',
    'X-Request-Id': `Root=1-${id.slice(0, 8)}-${id.slice(8, 32)}`,
  }
}

function openEntry(deps: ExchangeDeps, host: 'hub' | 'cdn', message: IncomingMessage): OpenRequest {
  const { users, clock } = deps.state.options
  const headers = flattenHeaders(message)
  const { path, search, file } = parseTarget(message)
  const entry: OpenRequest = {
    method: message.method ?? 'GET',
    url: markSignature(deps.state.origins[host] + path + search),
    path,
    host,
    range: headers['range'],
    headers: markSecrets(headers, (token) => users.find((user) => user.token === token)?.name),
    file,
    status: 0,
    sentBytes: 0,
    connectionId: deps.connectionIdOf(message),
    atMs: clock.now(),
    aborted: false,
    ended: false,
    endedAtMs: undefined,
  }
  deps.log.open(entry)
  return entry
}
