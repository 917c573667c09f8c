import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { HttpError, isHubError } from '@hfx/core'
import { describe, expect, it } from 'vitest'
import { exitCodeOf, exitCodes } from '../src/exit-code.ts'
import {
  asking,
  data,
  type FaultStage,
  fetching,
  firstCauseOf,
  refusal,
  startClosedProxy,
  startMute,
  startUntrusted,
  useFaultStage,
} from './support/fault-stage.ts'

interface Row {
  /** Makes it happen and gives the failure. */
  readonly when: (stage: FaultStage) => Promise<unknown>
  readonly code: string
  readonly exit: number
  /** `{hub}` stands for its address. */
  readonly hint: string
  /** Facts that the error carries beside. */
  readonly facts?: Readonly<Record<string, unknown>>
  /** Code of the very first cause, where there is one that is not ours. */
  readonly first?: unknown
}

const page = `<html><body>${'please wait '.repeat(500)}</body></html>`

const rows: Readonly<Record<string, Row>> = {
  'a host name that nobody knows': {
    when: (s) => s.snapshot('acme/git', { endpoint: 'http://hub.invalid' }),
    code: 'HUB_DNS_FAILED',
    exit: exitCodes.network,
    hint: 'Check the network, DNS and HF_ENDPOINT.',
    facts: { attempts: 2 },
    first: expect.stringMatching(/^(?:ENOTFOUND|EAI_AGAIN)$/),
  },
  'a port that nobody listens on': {
    when: (s) => s.snapshot('acme/git', { endpoint: 'http://127.0.0.1:1' }),
    code: 'HUB_CONNECT_FAILED',
    exit: exitCodes.network,
    hint: 'Check the network, a firewall, HF_ENDPOINT and HTTPS_PROXY.',
    facts: { attempts: 2 },
    first: 'ECONNREFUSED',
  },
  'a server that takes the connection and says nothing': {
    when: async (s) => s.snapshot('acme/git', { endpoint: await startMute(), etagTimeoutMs: 80 }),
    code: 'HUB_TIMEOUT',
    exit: exitCodes.network,
    hint: 'Run it again; the server is slow or overloaded.',
    facts: { attempts: 2 },
    first: 'WIRE_HEADERS_TIMEOUT',
  },
  'a certificate of an authority that is not known': {
    when: async (s) => s.snapshot('acme/git', { endpoint: await startUntrusted() }),
    code: 'HUB_TLS_FAILED',
    exit: exitCodes.network,
    hint: 'If that is your company, set NODE_EXTRA_CA_CERTS (or the option ca) to its CA file.',
    facts: { attempts: 1 },
    first: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  },
  'a proxy that is not there': {
    when: (s) => s.snapshot('acme/git', { proxy: 'http://127.0.0.1:1' }),
    code: 'HUB_CONNECT_FAILED',
    exit: exitCodes.network,
    hint: 'Check the network, a firewall, HF_ENDPOINT and HTTPS_PROXY.',
    facts: { attempts: 2 },
    first: 'ECONNREFUSED',
  },
  'a proxy that wants a password': {
    when: async (s) =>
      s.snapshot('acme/git', {
        endpoint: 'https://hub.invalid',
        proxy: await startClosedProxy(407),
      }),
    code: 'HUB_PROXY_AUTH',
    exit: exitCodes.network,
    hint: 'Put user and password into HTTPS_PROXY: http://user:password@host:port.',
    facts: { attempts: 1 },
    first: 'UND_ERR_ABORTED',
  },
  'a proxy that refuses': {
    when: async (s) =>
      s.snapshot('acme/git', {
        endpoint: 'https://hub.invalid',
        proxy: await startClosedProxy(403),
      }),
    code: 'HUB_PROXY_FAILED',
    exit: exitCodes.network,
    hint: 'Check HTTPS_PROXY, or exempt the host with NO_PROXY.',
    facts: { attempts: 2 },
    first: 'UND_ERR_ABORTED',
  },
  'a token that the Hub does not know': {
    when: (s) => s.snapshot('acme/git', { token: 'hf_old_old_old_old' }),
    code: 'HUB_TOKEN_INVALID',
    exit: exitCodes.auth,
    hint: 'Log in again: hfx auth login (or set another HF_TOKEN).',
    facts: { status: 401, requestId: expect.stringMatching(/^Root=/), attempts: 1 },
  },
  'a repository that is not there, or private, without a token': {
    when: (s) => s.snapshot('acme/private'),
    code: 'HUB_REPO_NOT_FOUND',
    exit: exitCodes.notFound,
    hint: 'Check the spelling and the repository type; for a private repository set HF_TOKEN or run `hfx auth login`.',
    facts: { status: 401, requestId: expect.stringMatching(/^Root=/), attempts: 1 },
  },
  'a repository that the token may not see': {
    when: (s) => s.snapshot('acme/private', { token: 'hf_bob_bob_bob_5678' }),
    code: 'HUB_REPO_NOT_FOUND',
    exit: exitCodes.notFound,
    hint: 'Check the spelling and the repository type; for a private repository set HF_TOKEN or run `hfx auth login`.',
    facts: { status: 404, requestId: expect.stringMatching(/^Root=/), attempts: 1 },
  },
  'a gated repository without a token': {
    when: (s) => s.snapshot('acme/gated'),
    code: 'HUB_GATED_REPO',
    exit: exitCodes.auth,
    hint: 'Accept its terms at {hub}/acme/gated, then log in: hfx auth login (or set HF_TOKEN).',
    facts: { status: 401, requestId: expect.stringMatching(/^Root=/), attempts: 1 },
  },
  'a gated repository without access': {
    when: (s) => s.snapshot('acme/gated', { token: 'hf_bob_bob_bob_5678' }),
    code: 'HUB_GATED_REPO',
    exit: exitCodes.auth,
    hint: 'Ask for access at {hub}/acme/gated; it may also wait for approval.',
    facts: { status: 403, requestId: expect.stringMatching(/^Root=/), attempts: 1 },
  },
  'a repository that the Hub has disabled': {
    when: (s) => s.snapshot('acme/disabled'),
    code: 'HUB_REPO_DISABLED',
    exit: exitCodes.auth,
    hint: 'Nobody can download it; ask its owner or the Hub.',
    facts: { status: 403, requestId: expect.stringMatching(/^Root=/), attempts: 1 },
  },
  'an id token that cannot be exchanged': {
    when: (s) =>
      s.snapshot('acme/git', {
        env: { HF_OIDC_RESOURCE: 'acme', HF_OIDC_ID_TOKEN: 'wrong.id.token' },
      }),
    code: 'HUB_TOKEN_EXCHANGE_FAILED',
    exit: exitCodes.auth,
    hint: 'In GitHub Actions the job needs "permissions: id-token: write"; elsewhere set HF_OIDC_ID_TOKEN. The resource must trust this repository or pipeline.',
  },
  'a revision that is not there': {
    when: (s) => s.snapshot('hf://acme/git@nowhere'),
    code: 'HUB_REVISION_NOT_FOUND',
    exit: exitCodes.notFound,
    hint: 'Give a branch, a tag, refs/pr/N or a commit hash; {hub}/acme/git shows them.',
    facts: { status: 404, requestId: expect.stringMatching(/^Root=/), attempts: 1 },
  },
  'a file that is not there': {
    when: (s) => s.file('nothing.bin'),
    code: 'HUB_ENTRY_NOT_FOUND',
    exit: exitCodes.notFound,
    hint: 'List its files with `hfx ls`, or look at {hub}/acme/git; names are case-sensitive.',
    facts: { status: 404, requestId: expect.stringMatching(/^Root=/), attempts: 1 },
  },
  'a name that no repository can have': {
    when: (s) => s.snapshot('a/b/c'),
    code: 'HUB_INVALID_REPO_ID',
    exit: exitCodes.usage,
    hint: 'Write it as on the Hub, for example "openai/whisper-tiny".',
  },
  'a file name that leaves the repository': {
    when: (s) => s.file('../evil'),
    code: 'HUB_INVALID_PATH',
    exit: exitCodes.usage,
    hint: 'Give the path as the repository lists it; leave it out to download everything.',
  },
  '403 without a word': {
    when: asking({ kind: 'status', status: 403 }),
    code: 'HUB_FORBIDDEN',
    exit: exitCodes.auth,
    hint: 'Check the scope of the token: it needs read access to this repository.',
    facts: { status: 403, attempts: 1 },
  },
  '400': {
    when: asking({ kind: 'status', status: 400 }),
    code: 'HUB_BAD_REQUEST',
    exit: exitCodes.network,
    hint: 'Check repository, revision and path; if HF_ENDPOINT is set, check that it is a Hub.',
    facts: { status: 400, attempts: 1 },
  },
  '429 that asks for an hour': {
    when: asking(refusal(429, { 'retry-after': '3600' })),
    code: 'HUB_RATE_LIMITED',
    exit: exitCodes.rateLimited,
    hint: 'Wait some minutes; with a token the limits are higher (hfx auth login).',
    facts: { status: 429, requestId: 'req-1', attempts: 1, retryAfterMs: 3_600_000 },
  },
  '500 for every question': {
    when: asking(refusal(500)),
    code: 'HUB_SERVER_ERROR',
    exit: exitCodes.network,
    hint: 'Run it again later; what is downloaded is kept.',
    facts: { status: 500, requestId: 'req-1', attempts: 2 },
  },
  '502 as a page of HTML': {
    when: (s) => {
      s.break(
        {},
        { kind: 'status', status: 502, headers: { 'content-type': 'text/html' }, body: page },
      )
      return s.snapshot('acme/git')
    },
    code: 'HUB_SERVER_ERROR',
    exit: exitCodes.network,
    hint: 'Run it again later; what is downloaded is kept.',
    facts: { status: 502, attempts: 2 },
  },
  '503 for every byte': {
    when: fetching(refusal(503)),
    code: 'HUB_SERVER_ERROR',
    exit: exitCodes.network,
    hint: 'Run it again later; what is downloaded is kept.',
    facts: { status: 503, requestId: 'req-1', attempts: 2 },
  },
  'a status that nobody knows': {
    when: asking({ kind: 'status', status: 418 }),
    code: 'HUB_HTTP_STATUS',
    exit: exitCodes.network,
    hint: 'Nothing here knows this status; a proxy in between may have answered.',
    facts: { status: 418, attempts: 1 },
  },
  'a login page with status 200': {
    when: asking({ kind: 'html' }),
    code: 'HUB_BAD_RESPONSE',
    exit: exitCodes.network,
    hint: 'Check HF_ENDPOINT, and whether a proxy or login page stands between this machine and the Hub.',
    facts: { status: 200, attempts: 1 },
    first: 'SyntaxError',
  },
  'a header without end': {
    when: asking({ kind: 'setHeaders', headers: { 'x-long': 'x'.repeat(200_000) } }),
    code: 'HUB_RESPONSE_TOO_LARGE',
    exit: exitCodes.network,
    hint: 'The server is broken or hostile.',
    facts: { attempts: 1 },
    first: 'WIRE_HEADERS_OVERFLOW',
  },
  'a Hub that tells no size': {
    when: (s) => {
      s.break({ path: /paths-info/ }, refusal(404))
      s.break(
        { method: 'HEAD' },
        { kind: 'dropHeaders', names: ['content-length', 'x-linked-size'] },
      )
      return s.file('config.json')
    },
    code: 'HUB_METADATA_MISSING',
    exit: exitCodes.network,
    hint: 'A mirror or proxy drops headers; use another endpoint, or give the full commit hash as revision.',
    facts: { attempts: 1 },
  },
  'redirects in a circle': {
    when: (s) => {
      s.break({ path: /config/ }, { kind: 'redirect', to: '{url}' })
      return s.snapshot('acme/git')
    },
    code: 'HUB_TOO_MANY_REDIRECTS',
    exit: exitCodes.network,
    hint: 'Nothing was sent there. Check HF_ENDPOINT and proxies in between.',
    facts: { attempts: 1 },
  },
  'a redirect to a file of this machine': {
    when: (s) => {
      s.break({ path: /config/ }, { kind: 'redirect', to: 'file:///etc/passwd' })
      return s.snapshot('acme/git')
    },
    code: 'HUB_UNSAFE_REDIRECT',
    exit: exitCodes.network,
    hint: 'Nothing was sent there. Check HF_ENDPOINT and proxies in between.',
    facts: { attempts: 1 },
  },
  'a signed URL that is refused each time': {
    when: fetching({ kind: 'expireUrl' }),
    code: 'HUB_LOCATION_EXPIRED',
    exit: exitCodes.network,
    hint: 'Run it again: the signed URL has expired, or a proxy blocks this host.',
    facts: { status: 403, attempts: 2 },
  },
  'a range that is refused each time': {
    when: fetching({ kind: 'status', status: 416 }),
    code: 'HUB_RANGE_REFUSED',
    exit: exitCodes.network,
    hint: 'The file may have changed; run it again.',
    facts: { status: 416, attempts: 2 },
  },
  'a connection that is reset each time': {
    when: fetching({ kind: 'reset', afterBytes: 0 }),
    code: 'HUB_CONNECTION_LOST',
    exit: exitCodes.network,
    hint: 'Run it again; what arrived is kept.',
    facts: { attempts: 2 },
    first: 'ECONNRESET',
  },
  'an answer that always ends early': {
    when: fetching({ kind: 'short', bytes: 2 ** 20 - 10 }),
    code: 'HUB_CONNECTION_LOST',
    exit: exitCodes.network,
    hint: 'Run it again; what arrived is kept.',
    facts: { attempts: 2 },
    first: 'WIRE_BROKEN',
  },
  'no byte any more': {
    when: fetching({ kind: 'stall', afterBytes: 0 }),
    code: 'HUB_STALLED',
    exit: exitCodes.network,
    hint: 'Check the network and run it again: what has arrived is kept.',
    facts: { attempts: 2 },
  },
  'bytes that come too slowly for the deadline': {
    when: (s) => {
      s.break(data, { kind: 'rate', bytesPerSecond: 1000 })
      return s.snapshot('acme/lfs', { deadlineMs: 150, stallTimeoutMs: 60_000 })
    },
    code: 'HUB_DEADLINE',
    exit: exitCodes.network,
    hint: 'Run it again with a longer deadline: what has arrived is kept.',
  },
  'more bytes than may be spent': {
    when: (s) => s.snapshot('acme/lfs', { byteBudget: 1000 }),
    code: 'HUB_BUDGET_EXCEEDED',
    exit: exitCodes.network,
    hint: 'Run it again with a larger budget: what has arrived is kept.',
  },
  'a wrong bit each time': {
    when: fetching({ kind: 'flip', atByte: 5 }),
    code: 'HUB_HASH_MISMATCH',
    exit: exitCodes.integrity,
    hint: 'Download it again; nothing wrong was published. If it stays, a proxy or mirror changes the bytes.',
  },
  'a listing with a hostile name': {
    when: (s) => s.snapshot('acme/hostile'),
    code: 'HUB_UNSAFE_PATH',
    exit: exitCodes.integrity,
    hint: 'Nothing was written. A repository with such a name is broken or hostile.',
  },
  'a disk that is too small': {
    when: (s) => s.snapshot('acme/huge'),
    code: 'HUB_NO_SPACE',
    exit: exitCodes.disk,
    hint: 'Free some space, choose another folder (--cache-dir, --local-dir), or go on all the same with --force-space (forceSpace).',
  },
  'a cache that may only be read': {
    when: (s) => s.snapshot('acme/git', { readOnly: true }),
    code: 'HUB_READ_ONLY',
    exit: exitCodes.disk,
    hint: 'Choose a writable cache and give this one as a layer below it.',
  },
  'a cache whose place a file has taken': {
    when: async (s) => {
      await writeFile(join(s.folder, 'cache'), '')
      return s.snapshot('acme/git')
    },
    code: 'HUB_DISK',
    exit: exitCodes.disk,
    hint: 'Check the volume and the path.',
    first: 'ENOTDIR',
  },
  'nothing here, and no network wanted': {
    when: (s) => s.snapshot('acme/git', { offline: true }),
    code: 'HUB_OFFLINE_MISS',
    exit: exitCodes.incomplete,
    hint: 'Unset HF_HUB_OFFLINE (or drop local-files-only / the cache-only policy) and run it again.',
  },
  'a question that needs the network, offline': {
    when: (s) => s.ask({ offline: true }),
    code: 'HUB_OFFLINE',
    exit: exitCodes.incomplete,
    hint: 'Unset HF_HUB_OFFLINE, or drop local-files-only and the cache-only policy.',
  },
  'a configuration that cannot be': {
    when: (s) => s.snapshot('acme/git', { connections: -1 }),
    code: 'HUB_INVALID_CONFIG',
    exit: exitCodes.usage,
    hint: 'Connections for data, fixed instead of adapting.',
  },
}

describe('ER-1: a fault has its code, its exit code and its next step', () => {
  it.each(Object.entries(rows))('%s', async (_name, row) => {
    const stage = await useFaultStage()
    const error: unknown = await row.when(stage).catch((error_: unknown) => error_)
    if (!isHubError(error)) throw new Error('no failure, or one without a code', { cause: error })
    expect({
      code: error.code,
      exit: exitCodeOf(error),
      hint: error.hint?.replaceAll(stage.hub.url, '{hub}'),
    }).toEqual({ code: row.code, exit: row.exit, hint: row.hint })
    expect(error).toMatchObject(row.facts ?? {})
    if (row.first !== undefined) expect(firstCauseOf(error)).toEqual(row.first)
    // ER-2: an error of the wire says which host; ER-3: one line, no page, no secret.
    if (error instanceof HttpError)
      expect(error.message + error.url).toContain(new URL(error.url).host)
    expect(error.message).not.toMatch(/\n|<html|please wait/)
    expect(error.message.length).toBeLessThan(400)
    expect(inspect(error, { depth: 9 })).not.toMatch(/hf_(?:old|bob)_|Signature=|wrong\.id\.token/)
  })
})
