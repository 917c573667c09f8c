import { module, type Wire } from '../wire.ts'
import { apiModule } from './api.ts'
import { cacheModule } from './cache.ts'
import { clientModule } from './client.ts'
import { configModule } from './config.ts'
import { httpModule } from './http.ts'
import { optionsModule } from './options.ts'
import { transferModule } from './transfer.ts'

type Gives<W> = W extends Wire<infer G, infer _N> ? G : never
type Given =
  | Gives<typeof apiModule | typeof cacheModule | typeof clientModule | typeof configModule>
  | Gives<typeof httpModule | typeof optionsModule | typeof transferModule>

/** Config sources and a logger in, `HUB_CLIENT` out: all the modules of the house, each part replaceable. */
export const hubModule: Wire<Given, never> = module('hub', [
  configModule,
  optionsModule,
  httpModule,
  apiModule,
  transferModule,
  cacheModule,
  clientModule,
])
