import { createRenderer } from '@hfx/progress'

import { contribute, module, type Wire } from '../wire.ts'
import { CONFIG, ENVIRONMENT, EVENT_SINKS, systemNeeds, TERMINAL } from './tokens.ts'

const { clock, logger } = systemNeeds
const needs = { terminal: TERMINAL, config: CONFIG, env: ENVIRONMENT, clock, logger }

/** Progress on a `TERMINAL`, in the mode that `CONFIG` names; log lines go to the logger. It ends with the application. */
export const progressModule: Wire<never, 'terminal' | 'config' | 'environment'> = module(
  'progress',
  [
    contribute(EVENT_SINKS, needs, ({ config, ...parts }, lifecycle) => {
      const renderer = createRenderer(parts, { mode: config.settings.progress })
      lifecycle.onStop(() => Promise.resolve(renderer.close()))
      return renderer.sink
    }),
  ],
)
