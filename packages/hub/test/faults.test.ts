import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fault, startFakeHub } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHubClient } from '../src/index.ts'
import { type HubStage, openStage } from './support/hub-stage.ts'

const MiB = 1024 ** 2

const useStage = (): Promise<HubStage> =>
  openStage(
    {
      repos: [
        {
          id: 'acme/tiny',
          commits: [
            {
              files: {
                'config.json': '{"a": 1}\n',
                'model.bin': { lfs: true, generate: { sizeBytes: 6 * MiB, seed: 3 } },
              },
            },
          ],
        },
      ],
    },
    { partBytes: MiB, stallTimeoutMs: 300, minBytesPerSecond: 50_000, minSpeedWindowMs: 500 },
  )

const config = { path: /config\.json/ }
const data = { host: 'cdn' } as const

/** What heals: the fault hits, the client gets over it, and the right bytes are published. */
const healed: readonly (readonly [name: string, fault: Fault, on: object, times: number])[] = [
  ['status: a burst of 500', { kind: 'status', status: 500 }, data, 3],
  ['status: 502 for the listing', { kind: 'status', status: 502 }, { path: /\/tree\// }, 2],
  [
    'status: 503 with Retry-After',
    { kind: 'status', status: 503, headers: { 'retry-after': '0' } },
    data,
    2,
  ],
  ['status: 504 for a git file', { kind: 'status', status: 504 }, config, 2],
  [
    'status: 429 from the data host',
    { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
    data,
    2,
  ],
  ['latency: slow, not wrong', { kind: 'latency', ms: 30 }, {}, 100],
  ['slowHeaders: the same', { kind: 'slowHeaders', ms: 5 }, {}, 100],
  [
    'stall: the range is asked for again on a new connection',
    { kind: 'stall', afterBytes: 1000 },
    data,
    1,
  ],
  [
    'drip: a connection slower than its peers is replaced',
    { kind: 'drip', bytesPerSecond: 100, afterBytes: 1000 },
    data,
    1,
  ],
  ['reset: the bytes before it are kept', { kind: 'reset', afterBytes: 500_000 }, data, 3],
  ['refuse: closed before an answer', { kind: 'refuse' }, data, 2],
  ['short: the rest is asked for', { kind: 'short', bytes: 1000 }, data, 2],
  ['long: what is too much is cut off and asked for again', { kind: 'long', bytes: 10 }, data, 1],
  ['flip: wrong bytes are fetched again, once', { kind: 'flip', atByte: 5 }, data, 1],
  ['flip in a git file: the same', { kind: 'flip', atByte: 2 }, config, 1],
  ['shiftRange: another range than asked for', { kind: 'shiftRange', by: 100 }, data, 1],
  ['status: 416 for a range', { kind: 'status', status: 416 }, data, 1],
  ['html: a login page with status 200', { kind: 'html' }, data, 1],
  ['gzip: an encoding that was not asked for', { kind: 'gzip' }, data, 1],
  ['expireUrl: a signed URL is asked for anew', { kind: 'expireUrl' }, data, 1],
  ['ignoreRange: a server that only sends the whole', { kind: 'ignoreRange' }, data, 100],
  ['rate: a slow server is only slow', { kind: 'rate', bytesPerSecond: 20 * MiB }, data, 100],
  [
    'dropHeaders: a data host without Content-Length',
    { kind: 'dropHeaders', names: ['content-length', 'etag'] },
    data,
    100,
  ],
  [
    'dropHeaders: a mirror without X-Repo-Commit',
    { kind: 'dropHeaders', names: ['x-repo-commit'] },
    {},
    100,
  ],
  [
    'setHeaders: an ETag of another kind on the data host',
    { kind: 'setHeaders', headers: { etag: '"abc-12"' } },
    data,
    100,
  ],
]

describe('the client gets over', () => {
  it.each(healed)('%s', async (...[, fault, on, times]) => {
    const { hub, open } = await useStage()
    const rule = hub.addFault({ on, times, fault })
    const result = await open().snapshot('acme/tiny')
    expect(rule.hits).toBeGreaterThan(0)
    expect(result.files).toHaveLength(2)
    for (const file of result.files) {
      expect(file).toMatchObject({
        kind: 'ok',
        source: 'hub',
        verifiedBy: expect.stringMatching(/sha/),
      })
    }
    expect(await readFile(join(result.folder, 'config.json'), 'utf8')).toBe('{"a": 1}\n')
    expect((await open({ offline: true }).snapshot('acme/tiny')).completeness).toBe('proven')
  })
})

/** What cannot heal: the code, and that nothing wrong got a final name. */
const fatal: readonly (readonly [name: string, fault: Fault, on: object, code: string])[] = [
  [
    'status: 500 for ever',
    { kind: 'status', status: 500 },
    { path: /\/api\// },
    'HUB_SERVER_ERROR',
  ],
  [
    'status: 403 for ever from the data host',
    { kind: 'status', status: 403 },
    data,
    'HUB_LOCATION_EXPIRED',
  ],
  ['flip: wrong bytes for ever', { kind: 'flip', atByte: 5 }, data, 'HUB_HASH_MISMATCH'],
  ['refuse: nobody answers', { kind: 'refuse' }, {}, 'HUB_CONNECTION_LOST'],
  ['stall: nothing comes from anywhere', { kind: 'stall', afterBytes: 0 }, data, 'HUB_STALLED'],
  [
    'redirect: a loop',
    { kind: 'redirect', to: '{url}', status: 302 },
    config,
    'HUB_TOO_MANY_REDIRECTS',
  ],
  [
    'redirect: to a file of this machine',
    { kind: 'redirect', to: 'file:///etc/passwd', status: 302 },
    config,
    'HUB_UNSAFE_REDIRECT',
  ],
  ['html: a captive portal for ever', { kind: 'html' }, {}, 'HUB_BAD_RESPONSE'],
]

describe('the client says what is wrong and publishes nothing', () => {
  it.each(fatal)(
    '%s',
    async (...[, fault, on, code]) => {
      const { hub, seen, open } = await useStage()
      hub.addFault({ on, fault })
      const job = open({ maxRetries: 1, deadlineMs: 8_000 }).snapshot('acme/tiny')
      const error: unknown = await job.catch((error_: unknown) => error_)
      const codes = seen.flatMap((event) =>
        'code' in event && typeof event.code === 'string' ? [event.code] : [],
      )
      expect([...codes, error instanceof Error && 'code' in error ? error.code : error]).toContain(
        code,
      )
      expect(seen.at(-1)).toMatchObject({ type: 'job:end', outcome: 'failed' })
      const starts = seen.filter((event) => event.type === 'file:start').length
      expect(seen.filter((event) => event.type === 'file:end')).toHaveLength(starts)
      await expect(open({ offline: true }).snapshot('acme/tiny')).rejects.toMatchObject({
        code: expect.stringMatching(/OFFLINE_MISS|INCOMPLETE/),
      })
    },
    20_000,
  )
})

it('AU-4: a gated repository costs no big byte', async () => {
  const hub = await startFakeHub({
    repos: [
      {
        id: 'acme/gated',
        gated: 'auto',
        commits: [{ files: { 'model.bin': { lfs: true, generate: { sizeBytes: MiB, seed: 1 } } } }],
      },
    ],
  })
  onTestFinished(() => hub.close())
  const client = createHubClient({
    env: {},
    token: false,
    endpoint: hub.url,
    cacheDir: await useTempDir(),
  })
  onTestFinished(() => client.close())
  await expect(client.snapshot('acme/gated')).rejects.toMatchObject({
    code: 'HUB_GATED_REPO',
    hint: expect.stringContaining('/acme/gated'),
  })
  expect(hub.requests.filter((request) => request.host === 'cdn')).toEqual([])
})

it('case 73: a listing with a hostile name fails before anything is written', async () => {
  for (const path of ['../evil', 'C:\\evil', '/etc/evil', 'a/../../evil']) {
    const cacheDir = await useTempDir()
    const hub = await startFakeHub({
      repos: [
        {
          id: 'acme/bad',
          commits: [
            {
              files: { 'a.txt': 'a' },
              rawListing: [
                { type: 'file', path, size: 1, oid: '2e65efe2a145dda7ee51d1741299f848e5bf752e' },
              ],
            },
          ],
        },
      ],
    })
    const client = createHubClient({ env: {}, token: false, endpoint: hub.url, cacheDir })
    await expect(client.snapshot('acme/bad')).rejects.toMatchObject({ code: 'HUB_UNSAFE_PATH' })
    await client.close()
    await hub.close()
  }
})
