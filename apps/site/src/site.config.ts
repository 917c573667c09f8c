import { fileURLToPath } from 'node:url'
import { type DefaultTheme, type UserConfig, defineConfig } from 'vitepress'
import { checkBuiltSite } from './check-built-site.ts'
import { createHead, describePage } from './head.ts'
import { adaptMarkdown } from './markdown.ts'
import { excluded, placeOf } from './page-paths.ts'
import { repositoryUrl, root } from './repository.ts'
import { resolveVueFromHere } from './resolve-vue.ts'
import { createSidebar } from './sidebar.ts'
import { slugOf } from '../../../tooling/markdown.mjs'

// Where the site will be served is known to the workflow that deploys it, and to nobody else.
const base = `/${process.env['SITE_BASE'] ?? ''}/`.replaceAll(/\/{2,}/g, '/')
const hostname = process.env['SITE_URL']

/** @param path of the page in the repository */
function requirePlace(path: string): string {
  const place = placeOf(path)
  if (place === undefined) throw new Error(`${path} has no place: give it one in src/page-paths.ts`)
  return place
}

const themeConfig: DefaultTheme.Config = {
  logo: { src: '/logo.svg', alt: '' },
  nav: [
    { text: 'Guides', link: '/guides/', activeMatch: '^/guides/' },
    { text: 'Command', link: '/cli' },
    { text: 'API', link: '/reference/', activeMatch: '^/reference/' },
    { text: 'Errors', link: '/errors' },
  ],
  sidebar: createSidebar(),
  outline: { level: [2, 3] },
  socialLinks: [{ icon: 'github', link: repositoryUrl, ariaLabel: 'hfx on GitHub' }],
  search: {
    provider: 'local',
    options: {
      miniSearch: {
        options: {
          // The name of an error or a variable is one word, beside those that it is made of. Runs in the browser.
          tokenize: (text: string) => [
            ...text.split(/[\n\r\p{Z}\p{P}]+/u),
            ...(text.match(/[A-Z]+(?:_[A-Z]+)+/g) ?? []),
          ],
        },
        searchOptions: {
          // Who searches a word wants the page that explains it before those that only list it. Runs in the browser.
          boostDocument: (id: string) =>
            /\/(?:reference|files|decisions|migrating)\b/.test(id)
              ? 0.4
              : /\/(?:errors|config)(?:\.html)?(?:#|$)/.test(id)
                ? 3
                : 1,
        },
      },
    },
  },
  editLink: {
    pattern: ({ filePath }) => `https://github.com/hfx-dev/hfx/edit/main/${filePath}`,
    text: 'Improve this page',
  },
  notFound: {
    title: 'There is no such page',
    quote: 'It may have moved. The search above knows every page of this site.',
    linkText: 'To the first page',
    linkLabel: 'To the first page',
  },
  footer: { message: 'Apache-2.0. hfx is not made by Hugging Face.' },
}

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: 'hfx',
  titleTemplate: ':title · hfx',
  description: 'The Hugging Face Hub for TypeScript: fast, resumable, verified downloads.',
  lang: 'en',
  base,
  cleanUrls: true,
  srcDir: root,
  srcExclude: [...excluded],
  rewrites: requirePlace,
  outDir: 'dist',
  cacheDir: 'node_modules/.vitepress',
  head: createHead(base),
  ...(hostname === undefined ? {} : { sitemap: { hostname: `${hostname.replace(/\/$/, '')}/` } }),
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify: slugOf },
    config: adaptMarkdown,
  },
  vite: {
    publicDir: fileURLToPath(new URL('../public', import.meta.url)),
    plugins: [resolveVueFromHere()],
    build: { chunkSizeWarningLimit: 4000 },
  },
  themeConfig,
  transformPageData: describePage,
  buildEnd: ({ outDir }) => checkBuiltSite(outDir, base),
})

export default config
