/**
 * Who may import whom. Lower floors never look up; neighbours never look sideways.
 * The dependency rules in `.dependency-cruiser.mjs` and the picture in `docs/architecture.md` are generated from this table.
 */
export const floors = [
  ['core'],
  [
    'config',
    'http',
    'api',
    'transfer',
    'cache',
    'progress',
    'fake-hub',
    'testing',
    'opentelemetry',
  ],
  ['hub'],
  ['wiring'],
]

/** Packages that exist for tests; no other package's sources may import them. Apps may import `fake-hub` (`hfx demo`). */
export const forTests = ['testing', 'fake-hub']

/** Packages that also run in a page: no module of Node. */
export const forBrowsers = ['core', 'api', 'progress']

/**
 * The npm packages each package may import at all.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const npm = {
  core: [],
  config: ['valibot', 'yaml', 'smol-toml'],
  http: ['undici'],
  api: [],
  transfer: [],
  cache: ['koffi'],
  progress: ['string-width'],
  'fake-hub': [],
  testing: ['vitest'],
  opentelemetry: ['@opentelemetry/api'],
  hub: ['eventemitter3'],
  wiring: [],
}

/** The one file through which an npm package enters the house. */
export const doors = {
  undici: 'packages/http/src/dispatch.ts',
  eventemitter3: 'packages/hub/src/event-bus.ts',
  valibot: 'packages/config/src/schema.ts',
  yaml: 'packages/config/src/config-file.ts',
  'smol-toml': 'packages/config/src/config-file.ts',
  'string-width': 'packages/progress/src/terminal.ts',
  koffi: 'packages/cache/src/flock.ts',
}
