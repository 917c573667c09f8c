import { defineConfig, type Options } from 'tsup'

const options: Options = {
  entry: ['src/main.ts'],
  format: ['esm'],
  target: 'node20',
  clean: true,
  splitting: true,
  sourcemap: true,
}

const config: ReturnType<typeof defineConfig> = defineConfig(options)

export default config
