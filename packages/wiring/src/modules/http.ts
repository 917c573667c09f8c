import { createHttp } from '@hfx/http'

import { optional } from '../token.ts'
import { module, provide, type Wire } from '../wire.ts'
import { closeAtEnd } from './close-at-end.ts'
import { HTTP, HTTP_OPTIONS, RANGE_READER, systemNeeds, TRANSPORT } from './tokens.ts'

const needs = { options: optional(HTTP_OPTIONS, {}), ...systemNeeds }

/** `TRANSPORT` and `RANGE_READER` over the connections of one `HTTP`, which end with the application. */
export const httpModule: Wire<'http' | 'transport' | 'range_reader', never> = module('http', [
  provide(HTTP, needs, ({ options, ...deps }, lifecycle) =>
    closeAtEnd(createHttp(options, deps), lifecycle),
  ),
  provide(TRANSPORT, { http: HTTP }, ({ http }) => http.transport),
  provide(RANGE_READER, { http: HTTP }, ({ http }) => http.rangeReader),
])
