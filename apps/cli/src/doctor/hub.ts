import { createHubApi } from '@hfx/api'
import { createTokenSource, findTokenPlace } from '@hfx/config'
import {
  isHubError,
  parseRepo,
  pinFile,
  type RangeReader,
  type RepoFile,
  type RepoRef,
  systemClock,
} from '@hfx/core'
import type { HubApi, Transport } from '@hfx/core'
import { createHttp } from '@hfx/http'
import { httpOptionsOf } from '@hfx/hub'
import { openExchange } from '../find-token.ts'
import { type DoctorContext, type Finding, guard } from './check.ts'

interface Probe extends DoctorContext {
  readonly api: HubApi
  readonly transport: Transport
  readonly rangeReader: RangeReader
  readonly ref: RepoRef
}

/** What the Hub says to us: its clock, our token, a repository's gate, and one byte from each kind of host. */
export async function checkHub(context: DoctorContext): Promise<readonly Finding[]> {
  const { io, config } = context
  const exchange = openExchange(io, config)
  const { implicitToken: implicit, endpoint } = config.settings
  const token = createTokenSource(io.env, { implicit, endpoint, send: exchange.send })
  const http = createHttp(httpOptionsOf({ config, environment: io.env, token }))
  const { transport, rangeReader } = http
  const api = createHubApi({ transport }, { endpoint: config.settings.endpoint })
  const probe: Probe = { ...context, api, transport, rangeReader, ref: parseRepo(context.repo) }
  try {
    const clock = await guard('hub', () => checkClock(probe))
    if (clock.some(({ check, status }) => check === 'hub' && status === 'fail')) return clock
    const others = await Promise.all([
      guard('token', () => checkToken(probe)),
      guard('repository', () => checkRepo(probe)),
    ])
    return [...clock, ...others.flat()]
  } finally {
    await Promise.all([http.close(), exchange.close()])
  }
}

const clockWarnMs = 60_000
const clockFailMs = 300_000

/** Signed URLs die early on a machine whose clock is wrong. */
async function checkClock({ transport, config, io }: Probe): Promise<readonly Finding[]> {
  const startedMs = systemClock.monotonic()
  const answer = await transport.send(
    { method: 'HEAD', url: `${config.settings.endpoint}/`, redirect: 'none', retry: false },
    { signal: io.signal },
  )
  const ms = Math.round(systemClock.monotonic() - startedMs)
  const hub: Finding = {
    check: 'hub',
    status: 'ok',
    detail: `${config.settings.endpoint} answers in ${ms} ms`,
  }
  const serverMs = Date.parse(answer.headers['date'] ?? '')
  if (Number.isNaN(serverMs))
    return [hub, { check: 'clock', status: 'skip', detail: 'the server tells no time' }]
  const offMs = Math.abs(systemClock.now() - serverMs)
  const detail = offMs < 2000 ? 'right' : `off by ${Math.round(offMs / 1000)} s`
  if (offMs < clockWarnMs) return [hub, { check: 'clock', status: 'ok', detail }]
  const status = offMs < clockFailMs ? 'warn' : 'fail'
  return [
    hub,
    { check: 'clock', status, detail, fix: 'Set the clock of this machine, for example by NTP.' },
  ]
}

async function checkToken({ api, io }: Probe): Promise<readonly Finding[]> {
  const source = await findTokenPlace(io.env)
  if (source === undefined)
    return [{ check: 'token', status: 'ok', detail: 'none; public repositories need none' }]
  try {
    const account = await api.describeAccount({ signal: io.signal })
    const scope = account.tokenRole === undefined ? '' : `, ${account.tokenRole}`
    return [{ check: 'token', status: 'ok', detail: `${account.name}${scope}, from ${source}` }]
  } catch (error) {
    if (!isHubError(error)) throw error
    return [
      {
        check: 'token',
        status: 'fail',
        detail: `the Hub does not take the token from ${source}: ${error.message}`,
        fix: 'Log in again with hfx auth login, or unset HF_TOKEN.',
      },
    ]
  }
}

async function checkRepo(probe: Probe): Promise<readonly Finding[]> {
  const { api, ref, io } = probe
  const step = { signal: io.signal }
  const info = await api.describeRepo(ref, 'main', step)
  const gate = info.gated === false ? 'open to everyone' : `gated (${info.gated})`
  const findings: Finding[] = [
    { check: 'repository', status: 'ok', detail: `${ref.id} is there, ${gate}` },
  ]
  const files = await listSome(probe, info.commit)
  const small = files.find((file) => !file.lfs && file.sizeBytes > 0)
  const large = files.find((file) => file.lfs && file.sizeBytes > 0)
  const parts = await Promise.all([
    small
      ? guard('api byte', () =>
          readByte(probe, { check: 'api byte', commit: info.commit, file: small }),
        )
      : [],
    large
      ? guard('data byte', () =>
          readByte(probe, { check: 'data byte', commit: info.commit, file: large }),
        )
      : [],
  ])
  return [...findings, ...parts.flat()]
}

async function listSome({ api, ref, io }: Probe, commit: string): Promise<readonly RepoFile[]> {
  for await (const page of api.listTree(ref, commit, { signal: io.signal })) return page
  return []
}

/** One ranged byte, as a download would ask for it. */
async function readByte(
  probe: Probe,
  what: { readonly check: string; readonly commit: string; readonly file: RepoFile },
): Promise<readonly Finding[]> {
  const { check, commit, file } = what
  const pinned = pinFile(probe.ref, commit, file)
  const startedMs = systemClock.monotonic()
  const { url } = await probe.api.locateFile(pinned, { signal: probe.io.signal })
  let bytes = 0
  const answer = await probe.rangeReader.readRange(
    { url, start: 0, end: 1, totalBytes: pinned.sizeBytes },
    {
      onData(chunk) {
        bytes += chunk.length
        return true
      },
    },
    { signal: probe.io.signal },
  )
  const ms = Math.round(systemClock.monotonic() - startedMs)
  const host = new URL(answer.url).host
  return [{ check, status: bytes === 1 ? 'ok' : 'fail', detail: `${host} in ${ms} ms` }]
}
