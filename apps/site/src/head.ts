import type { HeadConfig, PageData } from 'vitepress'

/** What every page says about itself, besides title and description. @param base of the site, with its slashes */
export function createHead(base: string): HeadConfig[] {
  return [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}logo.svg` }],
    ['meta', { name: 'theme-color', content: '#0b57d0' }],
    ['meta', { property: 'og:site_name', content: 'hfx' }],
    ['meta', { property: 'og:type', content: 'website' }],
  ]
}

/** Gives a page what a shared link shows of it; pages of TypeDoc cannot be edited. */
export function describePage(page: PageData): Partial<PageData> {
  const head: HeadConfig[] = [
    ['meta', { property: 'og:title', content: page.title || 'hfx' }],
    ...(page.description
      ? [['meta', { property: 'og:description', content: page.description }] satisfies HeadConfig]
      : []),
  ]
  const isGenerated = page.relativePath.startsWith('reference/')
  return {
    frontmatter: {
      ...page.frontmatter,
      head,
      ...(isGenerated ? { editLink: false, outline: [2, 3] } : {}),
    },
  }
}
