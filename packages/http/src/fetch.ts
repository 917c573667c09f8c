export { createFetchHttp } from './create-fetch-http.ts'
export type { Http, HttpDeps } from './http.ts'
export type { FetchAnswer, FetchFunction, FetchHttpOptions, FetchInit } from './fetch-options.ts'
export type { HttpTimeouts, RetryOptions } from './options.ts'
