import { defineConfig, type Options } from 'tsup'

const config: Options = defineConfig({
  entry: ['src/main.ts'],
  format: ['esm'],
  target: 'node20',
  clean: true,
  splitting: true,
  sourcemap: true,
}) as Options

export default config
