// node tooling/browser-page.mjs: the page of apps/browser-example and all it uses. A module of Node on the way breaks the build.
import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from './root.mjs'

await build({
  absWorkingDir: join(root, 'apps', 'browser-example'),
  entryPoints: ['src/main.ts', 'src/index.html'],
  loader: { '.html': 'copy' },
  outdir: 'dist',
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  format: 'esm',
  conditions: ['@hfx/source'],
  minify: true,
  logLevel: 'warning',
})
