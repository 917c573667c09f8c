import { lstat, readdir, readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OptionName, optionNames, resolveConfig } from '@hfx/config'
import { type Fault } from '@hfx/fake-hub'
import { useServer, useTempDir } from '@hfx/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHubClient, transferOptionsOf } from '../src/index.ts'
import { type HubStage, openStage } from './support/hub-stage.ts'

const MiB = 1024 ** 2
const petabyte = 10 ** 15

function useStage(): Promise<HubStage> {
  const small = Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [`small/${at}.txt`, `${at}\n`]),
  )
  return openStage({
    repos: [
      { id: 'acme/small', commits: [{ files: small }] },
      {
        id: 'acme/big',
        commits: [
          { files: { 'model.bin': { lfs: true, generate: { sizeBytes: 8 * MiB, seed: 2 } } } },
        ],
      },
      {
        id: 'acme/huge',
        commits: [
          {
            files: {
              'model.bin': {
                lfs: true,
                generate: { sizeBytes: petabyte, seed: 2 },
                trustSha256: 'a'.repeat(64),
              },
            },
          },
        ],
      },
    ],
    users: [{ token: 'hf_good', name: 'ada' }],
  })
}

const slow: Fault = { kind: 'rate', bytesPerSecond: MiB }
const onData = { host: 'cdn' } as const
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )
const waits = (stage: HubStage): number[] =>
  stage.seen.flatMap((event) => (event.type === 'request:wait' ? [event.waitMs] : []))

/** A server that takes connections and says nothing. */
async function startMute(): Promise<string> {
  return `127.0.0.1:${await useServer(createServer())}`
}

type Proof = (stage: HubStage) => Promise<void>

/** The test that proves an option's effect, where it cannot be seen from here. */
interface Elsewhere {
  readonly file: string
  readonly title: string
}

const certificate = (name: string): string =>
  fileURLToPath(new URL(`../../http/test/fixtures/${name}`, import.meta.url))

/** A Hub behind a certificate of an authority that nobody knows. */
async function startTls(): Promise<string> {
  const tls = {
    cert: await readFile(certificate('server.pem'), 'utf8'),
    key: await readFile(certificate('server-key.pem'), 'utf8'),
  }
  const repos = [{ id: 'acme/tls', commits: [{ files: { 'a.txt': 'a' } }] }]
  return (await openStage({ tls, repos })).hub.url
}

const clientCertificate: Elsewhere = {
  file: 'packages/http/test/network.test.ts',
  title: 'a client certificate is shown where it is asked for',
}

const proofs: Readonly<Record<OptionName, Proof | Elsewhere>> = {
  async endpoint({ hub, open }) {
    const other = await useStage()
    await open({ endpoint: other.hub.url }).snapshot('acme/small')
    expect([hub.requests.length, other.hub.requests.length > 0]).toEqual([0, true])
  },
  async token({ hub, open }) {
    await open({ token: 'hf_good' }).repoInfo('acme/small')
    expect(hub.requests[0]?.headers['authorization']).toBe('<token:ada>')
  },
  async implicitToken({ hub }) {
    for (const implicitToken of [true, false]) {
      const env = { HF_TOKEN: 'hf_good', HF_ENDPOINT: hub.url }
      const client = createHubClient({ env, implicitToken })
      onTestFinished(() => client.close())
      await client.repoInfo('acme/small')
    }
    const sent = hub.requests.map((request) => request.headers['authorization'])
    expect(sent).toEqual(['<token:ada>', undefined])
  },
  async cacheDir({ open }) {
    const cacheDir = await useTempDir()
    const { folder } = await open({ cacheDir }).snapshot('acme/small')
    expect(folder.startsWith(cacheDir)).toBe(true)
  },
  async localDir({ open }) {
    const localDir = await useTempDir()
    await open({ localDir }).snapshot('acme/small')
    expect(await readFile(join(localDir, 'small/3.txt'), 'utf8')).toBe('3\n')
  },
  async layers({ hub, cacheDir, open }) {
    await open().snapshot('acme/small')
    hub.clearRequests()
    await open({ cacheDir: await useTempDir(), layers: [cacheDir], offline: true }).snapshot(
      'acme/small',
    )
    expect(hub.requests).toEqual([])
  },
  async userAgent({ hub, open }) {
    await open({ userAgent: 'my-tool/7' }).repoInfo('acme/small')
    expect(hub.requests[0]?.headers['user-agent']).toMatch(/^hfx\/.*; my-tool\/7$/)
  },
  async offline({ hub, open }) {
    expect(await codeOf(open({ offline: true }).snapshot('acme/small'))).toBe('HUB_OFFLINE_MISS')
    expect(hub.requests).toEqual([])
  },
  async localFilesOnly({ hub, open }) {
    expect(await codeOf(open({ localFilesOnly: true }).snapshot('acme/small'))).toBe(
      'HUB_OFFLINE_MISS',
    )
    expect(hub.requests).toEqual([])
  },
  async policy({ hub, open }) {
    await open().snapshot('acme/small')
    hub.clearRequests()
    await open({ policy: { kind: 'cache-first' } }).snapshot('acme/small')
    expect(hub.requests).toEqual([])
  },
  async connectTimeoutMs({ open }) {
    const client = open({
      endpoint: `https://${await startMute()}`,
      connectTimeoutMs: 80,
      maxRetries: 0,
    })
    await expect(client.repoInfo('acme/small')).rejects.toMatchObject({
      code: 'HUB_TIMEOUT',
      message: expect.stringContaining('80 ms'),
    })
  },
  async etagTimeoutMs({ open }) {
    const client = open({
      endpoint: `http://${await startMute()}`,
      etagTimeoutMs: 90,
      maxRetries: 0,
    })
    await expect(client.repoInfo('acme/small')).rejects.toMatchObject({
      code: 'HUB_TIMEOUT',
      message: expect.stringContaining('90 ms'),
    })
  },
  async requestTimeoutMs({ hub, open }) {
    hub.addFault({ on: {}, fault: { kind: 'drip', bytesPerSecond: 10 } })
    const client = open({ requestTimeoutMs: 200, maxRetries: 0 })
    await expect(client.repoInfo('acme/small')).rejects.toMatchObject({
      code: 'HUB_TIMEOUT',
      message: expect.stringContaining('200 ms'),
    })
  },
  async downloadTimeoutMs({ hub, open }) {
    hub.addFault({ on: {}, fault: { kind: 'stall', afterBytes: 5 } })
    const client = open({ downloadTimeoutMs: 110, maxRetries: 0 })
    await expect(client.repoInfo('acme/small')).rejects.toMatchObject({
      code: 'HUB_TIMEOUT',
      message: expect.stringContaining('110 ms'),
    })
  },
  async stallTimeoutMs(stage) {
    stage.hub.addFault({ on: onData, times: 1, fault: { kind: 'stall', afterBytes: 1000 } })
    await stage.open({ stallTimeoutMs: 200 }).snapshot('acme/big')
    expect(stage.seen.find((event) => event.type === 'file:stall')).toMatchObject({
      silentMs: expect.any(Number),
    })
  },
  async minBytesPerSecond({ hub, open }) {
    hub.addFault({
      on: onData,
      times: 2,
      fault: { kind: 'drip', bytesPerSecond: 100, afterBytes: 1000 },
    })
    const patient = { minSpeedWindowMs: 300, deadlineMs: 1500, connections: 1 }
    expect(await codeOf(open({ ...patient, minBytesPerSecond: 0 }).snapshot('acme/big'))).toBe(
      'HUB_DEADLINE',
    )
    hub.clearFaults()
    hub.addFault({
      on: onData,
      times: 1,
      fault: { kind: 'drip', bytesPerSecond: 100, afterBytes: 1000 },
    })
    const brisk = { ...patient, minBytesPerSecond: 50_000, connections: 4, partBytes: MiB }
    expect(await codeOf(open(brisk).snapshot('acme/big', { force: true }))).toBe('ok')
  },
  async minSpeedWindowMs(stage) {
    stage.hub.addFault({
      on: onData,
      times: 1,
      fault: { kind: 'drip', bytesPerSecond: 100, afterBytes: 1000 },
    })
    await stage
      .open({ minSpeedWindowMs: 400, minBytesPerSecond: 50_000, partBytes: MiB })
      .snapshot('acme/big')
    const asked = stage.hub.requests.filter((request) => request.host === 'cdn').length
    expect(asked).toBeGreaterThan(8)
  },
  async deadlineMs({ hub, open }) {
    hub.addFault({ on: onData, fault: slow })
    expect(await codeOf(open({ deadlineMs: 200, connections: 1 }).snapshot('acme/big'))).toBe(
      'HUB_DEADLINE',
    )
  },
  async maxRetries({ hub, open }) {
    hub.addFault({ on: {}, fault: { kind: 'status', status: 503 } })
    await codeOf(open({ maxRetries: 3 }).snapshot('acme/small'))
    expect(hub.requests).toHaveLength(4)
  },
  async retryIntervalMs(stage) {
    stage.hub.addFault({ on: {}, times: 1, fault: { kind: 'status', status: 503 } })
    await stage.open({ retryIntervalMs: 40 }).snapshot('acme/small')
    expect(waits(stage)[0]).toBeGreaterThanOrEqual(20)
    expect(waits(stage)[0]).toBeLessThanOrEqual(40)
  },
  async maxRetryWaitMs({ hub, open }) {
    hub.addFault({
      on: {},
      fault: { kind: 'status', status: 429, headers: { 'retry-after': '30' } },
    })
    expect(await codeOf(open({ maxRetryWaitMs: 1000 }).snapshot('acme/small'))).toBe(
      'HUB_RATE_LIMITED',
    )
    expect(hub.requests).toHaveLength(1)
  },
  async requestsPerWindow({ hub, open }) {
    const client = open({ requestsPerWindow: 1, maxRetryWaitMs: 1000 })
    await client.repoInfo('acme/small')
    expect(await codeOf(client.repoInfo('acme/small'))).toBe('HUB_RATE_LIMITED')
    expect(hub.requests).toHaveLength(1)
  },
  async maxWorkers({ hub, open }) {
    hub.addFault({ on: { path: /small\// }, fault: { kind: 'latency', ms: 20 } })
    await open({ maxWorkers: 1 }).snapshot('acme/small')
    expect(hub.maxConcurrent({ host: 'hub' })).toBe(1)
  },
  async connections({ hub, open }) {
    hub.addFault({ on: onData, fault: { kind: 'rate', bytesPerSecond: 8 * MiB } })
    await open({ connections: 3, partBytes: MiB }).snapshot('acme/big')
    expect(hub.maxConcurrent(onData)).toBe(3)
  },
  async partBytes({ hub, open }) {
    await open({ partBytes: 2 * MiB, connections: 1 }).snapshot('acme/big')
    expect(hub.requests.filter((request) => request.host === 'cdn')).toHaveLength(4)
  },
  /** The bound itself is proven in packages/transfer/test/flow-control.test.ts; here, that it arrives there. */
  async maxBufferedBytes() {
    const config = await resolveConfig({ client: { maxBufferedBytes: '1MiB' }, env: {} })
    expect(transferOptionsOf({ config }).maxBufferedBytes).toBe(MiB)
  },
  async limitRate({ open }) {
    const job = open({ limitRate: 100_000 }).snapshot('acme/big')
    let doneBytes = 0
    const stop = setTimeout(() => job.abort(new Error('enough')), 600)
    for await (const event of job) if (event.type === 'file:progress') doneBytes = event.doneBytes
    clearTimeout(stop)
    await expect(job).rejects.toThrow('enough')
    expect(doneBytes).toBeLessThan(2 * MiB)
  },
  async byteBudget({ open }) {
    expect(await codeOf(open({ byteBudget: MiB, partBytes: MiB }).snapshot('acme/big'))).toBe(
      'HUB_BUDGET_EXCEEDED',
    )
  },
  async forceSpace({ hub, open }) {
    expect(await codeOf(open().snapshot('acme/huge'))).toBe('HUB_NO_SPACE')
    expect(hub.requests.some((request) => request.host === 'cdn')).toBe(false)
    const job = open({ forceSpace: true }).snapshot('acme/huge')
    for await (const event of job) if (event.type === 'file:start') job.abort(new Error('it began'))
    await expect(job).rejects.toThrow('it began')
  },
  durable: {
    file: 'packages/cache/test/store-options.test.ts',
    title: 'CO-4: flushes the bytes before the rename and the folder after it, in the Hub cache',
  },
  async symlinks({ open }) {
    const { folder } = await open({ symlinks: false }).snapshot('acme/small')
    expect((await lstat(join(folder, 'small/0.txt'))).isSymbolicLink()).toBe(false)
  },
  async shared({ cacheDir, open }) {
    await open({ shared: 'group' }).snapshot('acme/small')
    expect((await stat(join(cacheDir, 'models--acme--small/blobs'))).mode & 0o070).toBe(0o070)
  },
  async readOnly({ cacheDir, open }) {
    expect(await codeOf(open({ readOnly: true }).snapshot('acme/small'))).toBe('HUB_READ_ONLY')
    expect(await readdir(cacheDir).catch(() => [])).toEqual([])
  },
  async proxy({ hub, open }) {
    expect(
      await codeOf(open({ proxy: 'http://127.0.0.1:1', maxRetries: 0 }).repoInfo('acme/small')),
    ).toBe('HUB_CONNECT_FAILED')
    const env = { HTTP_PROXY: 'http://127.0.0.1:1' }
    expect(await codeOf(open({ env, proxy: false }).repoInfo('acme/small'))).toBe('ok')
    expect(hub.requests).toHaveLength(1)
  },
  async ca({ open }) {
    const endpoint = await startTls()
    const trusting = open({ endpoint, ca: certificate('ca.pem') })
    expect(await codeOf(trusting.repoInfo('acme/tls'))).toBe('ok')
    expect(await codeOf(open({ endpoint }).repoInfo('acme/tls'))).toBe('HUB_TLS_FAILED')
  },
  cert: clientCertificate,
  key: clientCertificate,
  async verifySsl({ open }) {
    const client = open({ endpoint: await startTls(), verifySsl: false })
    expect(await codeOf(client.repoInfo('acme/tls'))).toBe('ok')
  },
  async ipFamily({ hub, open }) {
    const endpoint = hub.url.replace('127.0.0.1', 'localhost')
    expect(await codeOf(open({ endpoint, ipFamily: 4 }).repoInfo('acme/small'))).toBe('ok')
    expect(
      await codeOf(open({ endpoint, ipFamily: 6, maxRetries: 0 }).repoInfo('acme/small')),
    ).not.toBe('ok')
  },
  async allowedOrigins({ hub, open }) {
    expect(await codeOf(open({ allowedOrigins: [] }).snapshot('acme/big'))).toBe(
      'HUB_UNSAFE_REDIRECT',
    )
    expect(hub.requests.some((request) => request.host === 'cdn')).toBe(false)
  },
  async progress({ open }) {
    const before = process.stderr.write
    let drawn = ''
    process.stderr.write = (chunk) => {
      drawn += String(chunk)
      return true
    }
    onTestFinished(() => {
      process.stderr.write = before
    })
    await open().snapshot('acme/small')
    expect(drawn).toBe('')
    await open({ env: { HF_PROGRESS_MODE: 'log' } }).snapshot('acme/small', { force: true })
    expect(drawn).toBe('')
    for (const options of [{ progress: 'log' }, { flags: { progress: 'log' } }] as const) {
      drawn = ''
      await open(options).snapshot('acme/small', { force: true })
      expect(drawn).toContain('acme/small')
    }
    process.stderr.write = before
  },
  async logLevel({ open }) {
    const { records, logger } = useLogger()
    await open({ logger, logLevel: 'info' }).snapshot('acme/small')
    expect(records).toContain('job ended')
    records.length = 0
    await open({ logger, logLevel: 'error' }).snapshot('acme/small')
    expect(records).toEqual([])
  },
  async detailedLogs({ open }) {
    const { records, logger } = useLogger()
    await open({ logger, logLevel: 'info' }).snapshot('acme/small')
    expect(records).not.toContain('file ended')
    await open({ logger, logLevel: 'info', detailedLogs: true }).snapshot('acme/small', {
      force: true,
    })
    expect(records.filter((message) => message === 'file ended')).toHaveLength(12)
  },
}

function useLogger() {
  const records: string[] = []
  const write = (message: string): void => void records.push(message)
  return { records, logger: { debug: write, info: write, warn: write, error: write } }
}

describe('every option changes what happens', () => {
  it('and none is without a proof', () => {
    expect(Object.keys(proofs).toSorted((a, b) => a.localeCompare(b))).toEqual(
      [...optionNames].toSorted((a, b) => a.localeCompare(b)),
    )
  })

  it.each(optionNames)(
    '%s',
    async (name) => {
      const proof = proofs[name]
      if (typeof proof === 'function') return proof(await useStage())
      const text = await readFile(new URL(`../../../${proof.file}`, import.meta.url), 'utf8')
      expect(text).toContain(`it('${proof.title}'`)
      expect(text.slice(text.indexOf(proof.title))).toContain(`${name}: `)
    },
    20_000,
  )
})
