import { renderMermaidSVG } from 'beautiful-mermaid'

/**
 * A Mermaid diagram as a picture that follows the site's colours, and the same as text for those who do not see it.
 * It is drawn while the site is built: no script has to run in the browser.
 * @param code what stands in the fence
 */
export function renderDiagram(code: string): string {
  const svg = renderMermaidSVG(code, { bg: 'var(--vp-c-bg)', fg: 'var(--vp-c-text-1)' })
    // Its styles stand in theme.css: Vue takes none inside a page, and a font from elsewhere is not asked for.
    .replaceAll(/<style>[\s\S]*?<\/style>/g, '')
    .replace('<svg ', '<svg aria-hidden="true" ')
  return [
    `<figure class="diagram" v-pre>${svg}`,
    `<figcaption><details><summary>The diagram as text</summary><pre>${escape(code)}</pre></details></figcaption>`,
    '</figure>\n',
  ].join('')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
