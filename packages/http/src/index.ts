export { createHttp, type Http, type HttpDeps } from './create-http.ts'
export type { HttpOptions, HttpTimeouts, RetryOptions } from './options.ts'
