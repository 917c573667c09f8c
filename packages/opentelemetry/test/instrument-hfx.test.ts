import { context, SpanStatusCode } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { startFakeHub } from '@hfx/fake-hub'
import { createHubClient, type HubClientOptions } from '@hfx/hub'
import { useTempDir } from '@hfx/testing'
import { expect, it, onTestFinished } from 'vitest'
import { instrumentHfx } from '../src/index.ts'

async function useStage(options: HubClientOptions = {}) {
  const hub = await startFakeHub({
    users: [{ token: 'hf_marked_secret', name: 'ada' }],
    repos: [
      {
        id: 'acme/tiny',
        commits: [
          {
            files: {
              'a.txt': 'a',
              'model.bin': { lfs: true, generate: { sizeBytes: 3_000_000, seed: 1 } },
            },
          },
        ],
      },
    ],
  })
  onTestFinished(() => hub.close())
  const client = createHubClient({
    env: {},
    token: 'hf_marked_secret',
    endpoint: hub.url,
    cacheDir: await useTempDir(),
    partBytes: 1_000_000,
    maxRetries: 1,
    retryIntervalMs: 1,
    ...options,
  })
  onTestFinished(() => client.close())
  const spans = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(spans)],
  })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  onTestFinished(() => meterProvider.shutdown())
  const instrumentation = instrumentHfx({ tracerProvider, meterProvider })
  onTestFinished(() => instrumentation.disable())
  async function readMetrics(): Promise<Record<string, number>> {
    await reader.forceFlush()
    const found: Record<string, number> = {}
    for (const { descriptor, dataPoints } of exporter.getMetrics().at(-1)?.scopeMetrics[0]
      ?.metrics ?? []) {
      for (const point of dataPoints) {
        const value = typeof point.value === 'number' ? point.value : point.value.count
        found[`${descriptor.name} ${JSON.stringify(point.attributes)}`] = value
      }
    }
    return found
  }
  return { hub, client, spans, instrumentation, readMetrics }
}

const childrenOf = (all: readonly ReadableSpan[], parent: ReadableSpan): readonly string[] =>
  all
    .filter((span) => span.parentSpanContext?.spanId === parent.spanContext().spanId)
    .map((span) => span.name)

it('a snapshot is one trace: job → files → parts and requests', async () => {
  const { client, spans } = await useStage()
  await client.snapshot('acme/tiny')
  const all = spans.getFinishedSpans()
  const job = all.find((span) => span.name === 'hfx snapshot acme/tiny')
  const file = all.find((span) => span.name === 'hfx file model.bin')
  if (!job || !file)
    throw new Error(`no span for the job or the file in ${all.map((span) => span.name).join()}`)
  expect(childrenOf(all, job)).toEqual(
    expect.arrayContaining(['hfx file model.bin', 'hfx file a.txt', 'GET']),
  )
  expect(childrenOf(all, file).filter((name) => name === 'hfx part')).toHaveLength(3)
  expect(childrenOf(all, file)).toContain('GET')
  expect(new Set(all.map((span) => span.spanContext().traceId)).size).toBe(1)
  expect(job.attributes).toMatchObject({
    'hfx.outcome': 'downloaded',
    'hfx.bytes.fetched': 3_000_001,
  })
  expect(JSON.stringify(all.map((span) => [span.name, span.attributes]))).not.toMatch(
    /hf_marked|[?&]sig/,
  )
})

it('counts files, bytes and requests by bucket and status', async () => {
  const { client, readMetrics } = await useStage()
  await client.snapshot('acme/tiny')
  const found = await readMetrics()
  expect(found).toMatchObject({
    'hfx.files {"outcome":"downloaded"}': 2,
    'hfx.bytes {"outcome":"downloaded"}': 3_000_001,
    'hfx.requests {"bucket":"api","status":200}': 2,
    'hfx.requests {"bucket":"data","status":206}': 3,
    'hfx.parts {}': 4,
    'hfx.job.duration {"outcome":"downloaded"}': 1,
  })
})

it('a failure marks its spans', async () => {
  const { hub, client, spans, readMetrics } = await useStage()
  hub.addFault({ on: { path: /\/api\// }, fault: { kind: 'status', status: 500 } })
  await expect(client.snapshot('acme/tiny')).rejects.toMatchObject({ code: 'HUB_SERVER_ERROR' })
  const job = spans.getFinishedSpans().find((span) => span.name.startsWith('hfx snapshot'))
  expect(job?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'HUB_SERVER_ERROR' })
  expect(await readMetrics()).toMatchObject({ 'hfx.retries {"bucket":"api"}': 1 })
})

it('counts stalls, waits and ranges that were asked for again', async () => {
  const { hub, client, readMetrics } = await useStage({ stallTimeoutMs: 200, maxRetries: 3 })
  const busy = { kind: 'status', status: 503, headers: { 'retry-after': '0' } } as const
  hub.addFault({ on: { path: /\/tree\// }, times: 1, fault: busy })
  hub.addFault({ on: { host: 'cdn' }, times: 1, fault: { kind: 'stall', afterBytes: 1000 } })
  await client.snapshot('acme/tiny')
  expect(await readMetrics()).toMatchObject({
    'hfx.stalls {}': 1,
    'hfx.request.wait {"bucket":"api","reason":"retry-after"}': 1,
    'hfx.retries {"bucket":"api"}': 1,
    'hfx.retries {"bucket":"data","error":"HUB_STALLED"}': 1,
    'hfx.phase.duration {"phase":"transfer"}': 1,
    'hfx.phase.duration {"phase":"commit"}': 2,
  })
})

it('disabled, it hears nothing', async () => {
  const { client, spans, instrumentation } = await useStage()
  instrumentation.disable()
  await client.snapshot('acme/tiny')
  expect(spans.getFinishedSpans()).toEqual([])
  expect(context.active()).toBeDefined()
})
