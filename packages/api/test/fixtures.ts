import type { HttpRequest, HttpResponse, HubApi, StepOptions, Transport } from '@hfx/core'
import { fixedToken } from '@hfx/core'
import { type FakeHub, type FakeHubOptions, startFakeHub } from '@hfx/fake-hub'
import { createHttp } from '@hfx/http'
import { onTestFinished } from 'vitest'
import { createHubApi, type HubApiOptions } from '../src/index.ts'

/** A fake Hub that ends with the running test. */
export async function useFakeHub(options: FakeHubOptions): Promise<FakeHub> {
  const hub = await startFakeHub(options)
  onTestFinished(() => hub.close())
  return hub
}

/** The API over the real transport, without retries. */
export function useApi(
  endpoint: string,
  { token, ...options }: HubApiOptions & { readonly token?: string } = {},
): HubApi {
  const http = createHttp({
    endpoint,
    retry: { maxRetries: 0 },
    ...(token === undefined ? {} : { token: fixedToken(token) }),
  })
  onTestFinished(() => http.close())
  return createHubApi({ transport: http.transport }, { endpoint, ...options })
}

export interface Canned {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly text?: string
}

/** A transport that answers what it is told to, and remembers what it was asked. */
export function cannedTransport(
  answer: (request: HttpRequest, count: number) => Canned,
): Transport & { readonly asked: HttpRequest[] } {
  const asked: HttpRequest[] = []
  return {
    asked,
    send: (request: HttpRequest, _options?: StepOptions): Promise<HttpResponse> => {
      asked.push(request)
      return Promise.resolve(responseOf(answer(request, asked.length), request.url))
    },
  }
}

export function responseOf(canned: Canned, url = 'https://huggingface.co/x'): HttpResponse {
  const text = canned.text ?? (canned.json === undefined ? '' : JSON.stringify(canned.json))
  return {
    status: canned.status ?? 200,
    headers: canned.headers ?? {},
    url,
    body: new TextEncoder().encode(text),
  }
}
