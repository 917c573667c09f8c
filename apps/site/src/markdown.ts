import type { MarkdownRenderer } from 'vitepress'
import { relative } from 'node:path'
import { resolveLink } from './links.ts'
import { renderDiagram } from './mermaid.ts'
import { root } from './repository.ts'
import { adaptTables } from './tables.ts'

/** Pages are written for GitHub: their links and their diagrams mean the same here. */
export function adaptMarkdown(md: MarkdownRenderer): void {
  md.core.ruler.push('repository-links', (state) => {
    for (const token of state.tokens.flatMap((block) => block.children ?? [])) {
      const href = token.attrGet('href')
      if (token.type === 'link_open' && href !== null)
        token.attrSet('href', resolveLink(pathOf(state.env), href))
    }
  })
  breakLongNames(md)
  adaptTables(md)
  const drawCode = md.renderer.rules.fence
  md.renderer.rules.fence = (...args) => {
    const [tokens, index] = args
    const token = tokens[index]
    return token?.info.trim() === 'mermaid'
      ? renderDiagram(token.content)
      : (drawCode?.(...args) ?? '')
  }
}

/** Long names in code may break where their words end, flags nowhere: tables of options stay readable. */
function breakLongNames(md: MarkdownRenderer): void {
  const drawCode = md.renderer.rules.code_inline
  md.renderer.rules.code_inline = (...args) => {
    const drawn = drawCode?.(...args) ?? ''
    const html = drawn.replaceAll(/--\w[\w-]*/g, '<span class="flag">$&</span>')
    const [tokens, index] = args
    return (tokens[index]?.content.length ?? 0) > 14
      ? html.replaceAll(/(?<=\w)([_/])(?=\w)/g, '$1<wbr>')
      : html
  }
}

/** The file that a page is made of: VitePress moves `path` to where the page will stand, the search index does not. */
function pathOf(env: unknown): string {
  if (typeof env !== 'object' || env === null) throw new TypeError('a page has no surroundings')
  const path = 'realPath' in env ? env.realPath : 'path' in env ? env.path : undefined
  if (typeof path !== 'string') throw new TypeError('VitePress does not say which page this is')
  return relative(root, path).replaceAll('\\', '/')
}
