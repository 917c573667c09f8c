export { createFetchHttp } from './create-fetch-http.ts'
export type { Http, HttpDeps } from './create-http.ts'
export type { FetchAnswer, FetchFunction, FetchHttpOptions, FetchInit } from './fetch-options.ts'
