import type { TokenSource } from '@hfx/core'
import type { HttpTimeouts, RetryOptions } from './options.ts'

/** What of `fetch` is used; every runtime's own fits. */
export type FetchFunction = (url: string, init: FetchInit) => Promise<FetchAnswer>

/** What a {@link FetchFunction} is asked with. */
export interface FetchInit {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string
  readonly signal: AbortSignal
  readonly redirect: 'follow' | 'manual'
  /** A page's cookies are none of the Hub's business, and parts of files none of the browser's cache. */
  readonly credentials: 'omit'
  readonly cache: 'no-store'
}

/** What of a `Response` is used. */
export interface FetchAnswer {
  readonly status: number
  /** `opaqueredirect` where a page may not see where a redirect leads. */
  readonly type: string
  readonly url: string
  readonly headers: { forEach(each: (value: string, name: string) => void): void }
  readonly body: ReadableStream<Uint8Array> | null
}

/** What requests are made with where `fetch` makes them. Certificates, proxies and connections are the runtime's affair. */
export interface FetchHttpOptions {
  /** @default the global `fetch` */
  readonly fetch?: FetchFunction
  /** Base URL of the Hub or of a mirror. The token goes to its origin only. @default 'https://huggingface.co' */
  readonly endpoint?: string
  /** @default anonymous */
  readonly token?: TokenSource
  /** `headersMs` includes the connection. @default 20, 20 and 60 s */
  readonly timeouts?: Pick<HttpTimeouts, 'headersMs' | 'idleMs' | 'requestMs'>
  readonly retry?: RetryOptions
  /** Own limit on requests to the Hub in any five minutes. @default none */
  readonly maxRequestsPerWindow?: number
}
