import { defineConfig, type ViteUserConfig } from 'vitest/config'

const conditions = ['@hfx/source', 'node', 'import', 'default']

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    silent: 'passed-only',
    // `pnpm check` adds these up and names the slowest files.
    reporters: ['default', ['json', { outputFile: '.results/vitest.json' }]],
  },
})

export default config
