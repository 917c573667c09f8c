import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config'
import shared from '../../tooling/vitest.config.ts'

const config: ViteUserConfig = mergeConfig(
  { ...shared, test: { ...shared.test, include: [] } },
  defineConfig({ test: { include: ['test/soak/*.ts'], testTimeout: 600_000 } }),
)

export default config
