export { createHttp } from './create-http.ts'
export type { Http, HttpDeps } from './http.ts'
export type { HttpOptions, HttpTimeouts, RetryOptions } from './options.ts'
