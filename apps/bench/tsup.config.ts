import { defineConfig, type Options } from 'tsup'

const options: Options = {
  entry: {
    main: 'src/main.ts',
    'serve-hub': 'src/serve-hub.ts',
    'clients/hfx': 'src/clients/hfx.ts',
    'clients/huggingface-hub': 'src/clients/huggingface-hub.ts',
    'clients/ipull': 'src/clients/ipull.ts',
    'clients/sha256': 'src/clients/sha256.ts',
    'clients/slow-disk': 'src/clients/slow-disk.ts',
  },
  format: ['esm'],
  target: 'node20',
  clean: true,
  splitting: false,
}

const config: ReturnType<typeof defineConfig> = defineConfig(options)

export default config
