import { anonymous, HttpError, type Secret, type StepOptions } from '@hfx/core'
import { type Credentials, credentialsFor } from './authorize.ts'
import type { ResolvedHttpOptions } from './options.ts'

/** Who we are to the Hub, for questions and ranges alike: what one of them learns of a token, the others know. */
export interface Identity {
  /**
   * Runs a request as ourselves. A 401 gets one more try: with a token that is newer than the one refused, or without
   * any when nobody asked for the token, because a stale HF_TOKEN must not hide a public repository. Without a token
   * it is from then on, as long as the same one would be sent.
   */
  run<T>(step: StepOptions, request: (credentials: Credentials) => Promise<T>): Promise<T>
}

export function createIdentity(options: ResolvedHttpOptions): Identity {
  const { token: source } = options
  let refused: Secret | undefined
  let warned = false

  const ask = (refresh: boolean): Promise<Credentials> =>
    credentialsFor(options, { source, refresh })
  const askNobody = (): Promise<Credentials> =>
    credentialsFor(options, { source: anonymous, refresh: false })

  async function nextTry(before: Credentials, step: StepOptions): Promise<Credentials | undefined> {
    const renewed = await ask(true)
    if (renewed.sentToken && !isSame(renewed.sentToken, before.sentToken)) return renewed
    if (!source.ambient) return undefined
    if (!warned) warn(step)
    warned = true
    return askNobody()
  }

  async function runAsOurselves<T>(
    own: Credentials,
    step: StepOptions,
    request: (credentials: Credentials) => Promise<T>,
  ): Promise<T> {
    try {
      return await request(own)
    } catch (error) {
      if (!isUnauthorized(error) || !own.sentToken) throw error
      const next = await nextTry(own, step)
      if (!next) throw error
      const answer = await request(next).catch((error_: unknown) => {
        // Without the token it is no better: then the token is what is wrong.
        throw isUnauthorized(error_) ? error : error_
      })
      if (!next.sentToken) refused = own.sentToken
      return answer
    }
  }

  return {
    async run(step, request) {
      const own = await ask(false)
      if (!own.sentToken || !isSame(own.sentToken, refused))
        return runAsOurselves(own, step, request)
      try {
        return await request(await askNobody())
      } catch (error) {
        if (!isUnauthorized(error)) throw error
        return request(own)
      }
    },
  }
}

function warn(step: StepOptions): void {
  const message = 'the Hub does not accept the token found in the environment; trying without it'
  step.emit?.({ type: 'job:warning', code: 'ANONYMOUS_RETRY', message })
}

function isSame(one: Secret, other: Secret | undefined): boolean {
  return one.reveal() === other?.reveal()
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof HttpError && error.status === 401
}
