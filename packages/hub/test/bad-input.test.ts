import { readdir } from 'node:fs/promises'
import { inspect } from 'node:util'
import { isHubError } from '@hfx/core'
import { describe, expect, it } from 'vitest'
import { createHubClient } from '../src/index.ts'
import { type HubStage, openStage } from './support/hub-stage.ts'

const useStage = (): Promise<HubStage> =>
  openStage({ repos: [{ id: 'a/b', commits: [{ files: { 'config.json': '{}' } }] }] })

/** Calls as JavaScript can make them, whatever the types say. */
function callFreely(on: unknown, method: string, ...args: readonly unknown[]): unknown {
  if (typeof on !== 'object' || on === null) throw new Error('there is nothing to call')
  const called: unknown = Reflect.get(on, method)
  if (typeof called !== 'function') throw new Error(`there is no ${method}()`)
  const answer: unknown = Reflect.apply(called, on, args)
  return answer
}

/** What a call, a job or a listing fails with. */
async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    const answer = call()
    const isListing = typeof answer === 'object' && answer !== null && !('then' in answer)
    await (isListing && Symbol.asyncIterator in answer ? callFreely(answer, 'next') : answer)
  } catch (error) {
    return error
  }
  return 'no failure'
}

const make = (options: unknown): unknown =>
  callFreely({ createHubClient }, 'createHubClient', options)

/** Method, its arguments behind the repository, and what the message and the hint say. */
const calls: readonly (readonly [method: string, args: readonly unknown[], says: RegExp])[] = [
  [
    'snapshot',
    [{ alowPatterns: ['*.json'] }],
    /no option "alowPatterns".*Did you mean allowPatterns\?/,
  ],
  ['download', ['config.json', { revison: 'x' }], /no option "revison".*Did you mean revision\?/],
  ['snapshot', [{ token: 'hf_secret_secret' }], /no option "token".*those of createHubClient/],
  ['plan', [{ cacheDir: '/x' }], /plan\(\) has no option "cacheDir"/],
  [
    'snapshot',
    [{ allowPatterns: [1] }],
    /allowPatterns is a list.*a pattern or a list of patterns/,
  ],
  ['snapshot', [{ allowPatterns: [''] }], /allowPatterns is a list/],
  ['snapshot', [{ ignorePatterns: 5 }], /ignorePatterns is a number/],
  ['snapshot', [{ revision: '' }], /revision is an empty text/],
  ['snapshot', [{ revision: 5 }], /revision is a number.*text that is not empty/],
  ['snapshot', [{ policy: 'network' }], /policy is a string.*kind: 'cache-only'/],
  ['snapshot', [{ policy: { kind: 'x' } }], /policy is an object/],
  ['snapshot', [{ policy: { kind: 'revalidate', ttlMs: -1 } }], /policy is an object/],
  ['snapshot', [{ force: 'yes' }], /force is a string.*true or false/],
  ['snapshot', [{ localDir: '' }], /localDir is an empty text/],
  ['snapshot', [{ localDir: 5 }], /localDir is a number/],
  ['snapshot', [{ signal: 5 }], /signal is a number.*AbortSignal/],
  ['snapshot', [{ onEvent: 5 }], /onEvent is a number.*a function/],
  ['snapshot', [{ select: 5 }], /select is a number/],
  ['snapshot', [null], /takes an object of options, not null/],
  ['download', [5], /takes an object of options, not a number/],
  ['listFiles', [{ recursive: 'no' }], /listFiles\(\): recursive is a string/],
  ['fileInfo', ['config.json', { revison: 'x' }], /fileInfo\(\) has no option "revison"/],
  ['snapshot', [{ force: true, policy: { kind: 'cache-only' } }], /force .*cache-only.*Drop force/],
  ['repoInfo', [{ type: 5 }], /repoInfo\(\): type is a number/],
]

describe('a call with options that it cannot have', () => {
  it.each(calls)('%s(…, %j) names the option, and asks nobody', async (method, args, says) => {
    const { hub, cacheDir, open } = await useStage()
    const client = open()
    const error = await failureOf(() => callFreely(client, method, 'a/b', ...args))
    if (!isHubError(error, 'HUB_INVALID_OPTION')) throw new Error(`not named: ${String(error)}`)
    expect(`${error.message} ${error.hint}`).toMatch(says)
    expect(inspect(error)).not.toContain('hf_secret')
    expect(hub.requests).toEqual([])
    expect(await readdir(cacheDir).catch(() => [])).toEqual([])
  })

  it('whoami({ signal: 5 }) names it, too', async () => {
    const { open } = await useStage()
    const error = await failureOf(() => callFreely(open(), 'whoami', { signal: 5 }))
    expect(error).toMatchObject({
      code: 'HUB_INVALID_OPTION',
      message: 'whoami(): signal is a number',
    })
  })

  it('what is undefined counts as not given', async () => {
    const { open } = await useStage()
    const given = { revision: undefined, policy: undefined, onEvent: undefined, select: undefined }
    expect(await failureOf(() => callFreely(open(), 'snapshot', 'a/b', given))).toBe('no failure')
  })
})

const clients: readonly (readonly [options: unknown, says: RegExp])[] = [
  [{ token: 5 }, /token is a number.*text, a function or false/],
  [{ token: true }, /token is a boolean/],
  [{ onEvent: 'loud' }, /onEvent is a string.*a function/],
  [{ env: 5 }, /env is a number/],
  [{ flags: [] }, /flags is a list/],
  [{ configFiles: true }, /configFiles is a boolean.*\{ folder \} or false/],
  [null, /takes an object of options, not null/],
]

describe('a client with options that it cannot have', () => {
  it.each(clients)('%j is refused at once, by name', async (options, says) => {
    const error = await failureOf(() => make(options))
    if (!isHubError(error, 'HUB_INVALID_OPTION')) throw new Error(`not named: ${String(error)}`)
    expect(`${error.message} ${error.hint}`).toMatch(says)
  })

  it.each([
    [{ maxRetrys: 3 }, /names the option "maxRetrys".*Did you mean maxRetries\?/],
    [{ maxWorkers: 0 }, /maxWorkers 0; expected a whole number, at least 1/],
    [{ partBytes: -1 }, /partBytes -1; expected a size/],
    [{ endpoint: '' }, /endpoint ""; expected an address/],
    [{ policy: 'x' }, /policy "x"; expected cache-only/],
    [{ progress: 'loud' }, /progress "loud"; expected one of auto, bars/],
  ])('%j is refused with the first job, by name', async (options, says) => {
    const { hub, cacheDir } = await useStage()
    const made = make({ env: {}, token: false, endpoint: hub.url, cacheDir, ...options })
    const error = await failureOf(() => callFreely(made, 'snapshot', 'a/b'))
    if (!isHubError(error, 'HUB_INVALID_CONFIG')) throw new Error(`not named: ${String(error)}`)
    expect(`${error.message} ${error.hint}`).toMatch(says)
    expect(hub.requests).toEqual([])
  })

  it('a logger without a method is refused at once, by the method', () => {
    expect(() => make({ logger: {} })).toThrow(/no debug\(\)/)
  })
})
