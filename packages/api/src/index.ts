export { createHubApi, type HubApiDeps } from './create-hub-api.ts'
export {
  createHubUrls,
  encodePath,
  encodeSegment,
  type HubUrls,
  parseEndpoint,
  type TreeUrlOptions,
} from './hub-url.ts'
export type { HubApiOptions } from './options.ts'
export { normaliseEtag } from './read-metadata-headers.ts'
export { readLinkHeader } from './read-link-header.ts'
export { findSignedUrlExpiry } from './signed-url-expiry.ts'
export { type HubTarget, parseHubTarget, parseHubUri, parseHubUrl } from './parse-hub-target.ts'
