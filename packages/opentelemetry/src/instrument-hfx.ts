import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  type Context,
  context as activeContext,
  type MeterProvider,
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type TracerProvider,
} from '@opentelemetry/api'
import {
  channels,
  type FileEndMessage,
  type FileStartMessage,
  type HubEvent,
  type JobEndMessage,
  type JobStartMessage,
  type PartEndMessage,
  type PartStartMessage,
  type RequestEndMessage,
  type RequestStartMessage,
} from '@hfx/core'
import { createInstruments, type Instruments } from './instruments.ts'

/** Where {@link instrumentHfx} sends spans and metrics. */
export interface InstrumentOptions {
  /** @default the global one */
  readonly tracerProvider?: TracerProvider
  /** @default the global one */
  readonly meterProvider?: MeterProvider
}

/** Listens to hfx until it is told to stop. */
export interface Instrumentation {
  /** Stops listening; spans that are open are ended. */
  disable(): void
}

const scope = 'hfx'

/**
 * Turns what the packages publish on `node:diagnostics_channel` into spans (job → file → part and request) and
 * metrics. A job's span is a child of the span that was active when the job began.
 */
export function instrumentHfx(options: InstrumentOptions = {}): Instrumentation {
  const tracer = (options.tracerProvider ?? trace).getTracer(scope)
  const instruments = createInstruments((options.meterProvider ?? metrics).getMeter(scope))
  const spans = createSpans(tracer)
  const listeners = createListeners(spans, instruments)
  for (const [name, listener] of listeners) subscribe(name, listener)
  return {
    disable() {
      for (const [name, listener] of listeners) unsubscribe(name, listener)
      spans.endAll()
    },
  }
}

type Listener = (message: unknown) => void
type Listening = readonly [name: string, listener: Listener]

/** What core publishes under each channel's name. */
interface Messages {
  readonly [channels.jobStart]: JobStartMessage
  readonly [channels.jobEnd]: JobEndMessage
  readonly [channels.fileStart]: FileStartMessage
  readonly [channels.fileEnd]: FileEndMessage
  readonly [channels.partStart]: PartStartMessage
  readonly [channels.partEnd]: PartEndMessage
  readonly [channels.requestStart]: RequestStartMessage
  readonly [channels.requestEnd]: RequestEndMessage
  readonly [channels.event]: HubEvent
}

function createListeners(spans: Spans, instruments: Instruments): readonly Listening[] {
  return [
    ...jobListeners(spans, instruments),
    ...fileListeners(spans, instruments),
    ...partListeners(spans, instruments),
    ...requestListeners(spans, instruments),
    on(channels.event, (event) => instruments.event(event)),
  ]
}

function jobListeners(spans: Spans, instruments: Instruments): readonly Listening[] {
  return [
    on(channels.jobStart, ({ id, kind, repo, revision }) => {
      const attributes = { 'hfx.repo': repo, 'hfx.revision': revision }
      spans.start(id, `hfx ${kind} ${repo}`, { attributes })
    }),
    on(channels.jobEnd, (message) => {
      spans.end(message.id, message)
      instruments.job(message)
    }),
  ]
}

function fileListeners(spans: Spans, instruments: Instruments): readonly Listening[] {
  return [
    on(channels.fileStart, ({ id, trace: own, path, totalBytes }) => {
      const attributes = { 'hfx.path': path, 'hfx.bytes.total': totalBytes }
      spans.start(id, `hfx file ${path}`, { parent: own.jobId, attributes })
    }),
    on(channels.fileEnd, (message) => {
      spans.end(message.id, message)
      instruments.file(message)
    }),
  ]
}

function partListeners(spans: Spans, instruments: Instruments): readonly Listening[] {
  return [
    on(channels.partStart, (message) => {
      const { path, start, end, lane } = message
      const range = { 'hfx.range.start': start, 'hfx.range.end': end, 'hfx.lane': lane }
      spans.start(message.id, 'hfx part', {
        ...parentOf(message),
        attributes: { 'hfx.path': path, ...range },
      })
    }),
    on(channels.partEnd, (message) => {
      spans.end(message.id, message)
      instruments.part(message)
    }),
  ]
}

function requestListeners(spans: Spans, instruments: Instruments): readonly Listening[] {
  return [
    on(channels.requestStart, (message) => {
      const { id, method, url, bucket, attempt } = message
      spans.start(id, method, {
        ...parentOf(message),
        kind: SpanKind.CLIENT,
        attributes: {
          'http.request.method': method,
          'url.full': url,
          'server.address': new URL(url).hostname,
          'http.request.resend_count': attempt - 1,
          'hfx.bucket': bucket,
        },
      })
      instruments.requestStarted(message)
    }),
    on(channels.requestEnd, (message) => {
      spans.end(message.id, message)
      instruments.requestEnded(message)
    }),
  ]
}

function on<N extends keyof Messages>(name: N, take: (message: Messages[N]) => void): Listening {
  return [name, (message) => (isMessage(message, name) ? take(message) : undefined)]
}

/** Channels are untyped by nature: a channel's name is what tells the shape of its messages. */
function isMessage<N extends keyof Messages>(message: unknown, name: N): message is Messages[N] {
  return typeof message === 'object' && message !== null && name.startsWith('hfx.')
}

function parentOf(message: PartStartMessage | RequestStartMessage): { readonly parent?: string } {
  const own = message.trace
  if (!own) return {}
  return { parent: own.path === undefined ? own.jobId : `${own.jobId}/${own.path}` }
}

interface Spans {
  start(id: string, name: string, facts: SpanFacts): void
  end(id: string, result: SpanResult): void
  endAll(): void
}

interface SpanFacts {
  readonly parent?: string
  readonly kind?: SpanKind
  readonly attributes: Readonly<Record<string, string | number>>
}

interface SpanResult {
  readonly code?: string
  readonly status?: number
  readonly outcome?: string
  readonly requestId?: string
  readonly receivedBytes?: number
  readonly fetchedBytes?: number
}

function createSpans(tracer: ReturnType<TracerProvider['getTracer']>): Spans {
  const open = new Map<string, { readonly span: Span; readonly context: Context }>()
  return {
    start(id, name, { parent, kind, attributes }) {
      const above =
        (parent === undefined ? undefined : open.get(parent)?.context) ?? activeContext.active()
      const span = tracer.startSpan(name, { attributes, kind: kind ?? SpanKind.INTERNAL }, above)
      open.set(id, { span, context: trace.setSpan(above, span) })
    },
    end(id, result) {
      const span = open.get(id)?.span
      if (!span) return
      open.delete(id)
      span.setAttributes(resultAttributes(result))
      const failed =
        result.code !== undefined || result.outcome === 'failed' || (result.status ?? 0) >= 400
      if (failed)
        span.setStatus({
          code: SpanStatusCode.ERROR,
          ...(result.code === undefined ? {} : { message: result.code }),
        })
      span.end()
    },
    endAll() {
      for (const { span } of open.values()) span.end()
      open.clear()
    },
  }
}

function resultAttributes(result: SpanResult): Record<string, string | number> {
  const bytes = result.receivedBytes ?? result.fetchedBytes
  return {
    ...(result.code === undefined ? {} : { 'error.type': result.code }),
    ...(result.status === undefined ? {} : { 'http.response.status_code': result.status }),
    ...(result.outcome === undefined ? {} : { 'hfx.outcome': result.outcome }),
    ...(result.requestId === undefined ? {} : { 'hfx.request_id': result.requestId }),
    ...(bytes === undefined ? {} : { 'hfx.bytes.fetched': bytes }),
  }
}
