import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { markSecrets } from './secrets/mark-secrets.ts'

/** Set by `pnpm test:secrets`. */
const mark = env['HFX_SECRET_MARK']

/** Properties may be tried more often than usual (`fuzzRuns` of `packages/testing`), and then take as much longer. */
const patience = Math.max(1, Number(env['HFX_FUZZ_RUNS'] ?? 0) / 300)

const conditions = ['@hfx/source', 'node', 'import', 'default']

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  plugins: mark === undefined ? [] : [markSecrets(mark)],
  test: {
    setupFiles:
      mark === undefined ? [] : [fileURLToPath(new URL('secrets/spy.ts', import.meta.url))],
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000 * patience,
    hookTimeout: 20_000,
    silent: 'passed-only',
    // `pnpm check` adds these up and names the slowest files.
    reporters: ['default', ['json', { outputFile: '.results/vitest.json' }]],
  },
})

export default config
