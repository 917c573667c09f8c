import { createMarkdownRenderer } from 'vitepress'
import { expect, it } from 'vitest'
import { adaptMarkdown } from '../src/markdown.ts'
import { root } from '../src/repository.ts'

const md = await createMarkdownRenderer(root, { config: adaptMarkdown })
const render = (text: string): string => md.render(text, { path: `${root}/docs/cli.md` })

it('leads links of a page to their place, wherever the page will stand', () => {
  expect(render('[a](config.md#the-hub) [b](../packages/core/src/ports.ts)')).toMatch(
    /href="\/config(?:\.html)?#the-hub".*href="https:\/\/github\.com\/hfx-dev\/hfx\/blob\/main\/packages\/core\/src\/ports\.ts"/,
  )
})

it('fails for a link that leads nowhere', () => {
  expect(() => render('[a](nowhere.md)')).toThrow('docs/cli.md: the link to nowhere.md')
})

it('draws Mermaid as a picture and leaves other code alone', () => {
  expect(render('```mermaid\nflowchart TD\n  a --> b\n```')).toContain('<svg ')
  expect(render('```ts\nconst a = 1\n```')).not.toContain('<svg ')
})

it('lets long names break where their words end', () => {
  expect(render('`HF_HUB_DISABLE_SYMLINKS`')).toContain('HF_<wbr>HUB_<wbr>DISABLE_<wbr>SYMLINKS')
  expect(render('`HF_TOKEN`')).toContain('HF_TOKEN')
})

it('makes no head of an empty cell', () => {
  const html = render('| a |   |\n| - | - |\n| b | c |\n')
  expect(html.match(/<th>/g)).toHaveLength(1)
  expect(html.match(/<td[ >]/g)).toHaveLength(3)
  expect(html).toMatch(/<table [^>]*tabindex="0"/)
})

it('lets the cells of a table of words say what they are, and not those of figures', () => {
  const words = render('| a | `b` | c |\n| - | - | - |\n| 1 | 2 | 3 |\n| 4 | 5 | 6 |\n')
  expect(words).toContain('class="of-words"')
  expect(words.match(/data-head="b">[25]</g)).toHaveLength(2)
  expect(render('| a | b | c |\n| - | -: | - |\n| 1 | 2 | 3 |\n')).not.toContain('data-head')
})
