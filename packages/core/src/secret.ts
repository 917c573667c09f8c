import { redacted } from './redact.ts'

/** What Node's `util.inspect` and `console.log` ask an object for. */
const inspectCustom = Symbol.for('nodejs.util.inspect.custom')

/** A value that cannot be printed, logged, inspected or serialised by accident; only {@link Secret.reveal} gives it. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
    Object.defineProperty(this, inspectCustom, { value: () => `Secret(${redacted})` })
  }

  /** The value itself. Call it where the value goes onto the wire or to its file, nowhere else. */
  reveal(): string {
    return this.#value
  }

  /** First three and last four characters, as `hf auth list` shows them; nothing of a short value. */
  mask(): string {
    return this.#value.length < 12
      ? redacted
      : `${this.#value.slice(0, 3)}****${this.#value.slice(-4)}`
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  get [Symbol.toStringTag](): string {
    return 'Secret'
  }
}

/** Where the Hub token comes from. Asked for each request, so that a rotated token is picked up. */
export interface TokenSource {
  /** The token to send, or undefined for an anonymous request. `refresh` after the Hub answered 401 to the last one. */
  getToken(options?: { readonly refresh?: boolean }): Promise<Secret | undefined>
  /** True when nobody asked for this token (environment, token file): a public repo may then be tried without it. */
  readonly ambient: boolean
}

/** No token: every request is anonymous. */
export const anonymous: TokenSource = { getToken: () => Promise.resolve(undefined), ambient: false }

/** The same explicit token for each request. */
export function fixedToken(token: string): TokenSource {
  const secret = new Secret(token)
  return { getToken: () => Promise.resolve(secret), ambient: false }
}
