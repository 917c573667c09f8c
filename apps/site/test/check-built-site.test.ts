import { expect, it } from 'vitest'
import { type BuiltPage, findSiteFaults } from '../src/check-built-site.ts'

/** A page without faults, but for its content. */
const page = (path: string, content: string): BuiltPage => ({
  path,
  html: `<html lang="en"><head><title>A page</title><meta name="description" content="A page of the test, long enough."></head><body><h1 id="top">A page</h1>${content}</body></html>`,
})

it('finds nothing in pages whose links, headings and pictures hold', () => {
  const pages = [
    page('index.html', '<a class="x" href="/hfx/guides/">guides</a><a href="/hfx/cli#top">cli</a>'),
    page(
      'guides/index.html',
      '<a href="#here">here</a><p id="here"></p><img src="/a.svg" alt="A.">',
    ),
    page('cli.html', '<a href="https://example.com/none">elsewhere</a><a href="/hfx/">home</a>'),
  ]
  expect(findSiteFaults(pages, '/hfx/')).toEqual([])
})

it.each(['/hfx/none', '/hfx/cli#none', '#none', '/cli', 'cli'])('finds a link to %s', (href) => {
  const home = '<a href="/hfx/">home</a><a href="/hfx/cli">cli</a>'
  const pages = [page('index.html', `${home}<a href="${href}">x</a>`), page('cli.html', '')]
  expect(findSiteFaults(pages, '/hfx/')).toEqual([`index.html: the link to ${href} leads nowhere`])
})

it.each([
  ['<h1>Another</h1>', 'has not exactly one first heading'],
  ['<img src="/a.svg">', 'has a picture without a text'],
  ['<script src="https://example.com/x.js"></script>', 'asks another host for a file'],
  ['<link rel="stylesheet" href="https://example.com/x.css">', 'asks another host for a file'],
])('finds %s', (content, fault) => {
  expect(findSiteFaults([page('cli.html', `<a href="/cli">cli</a>${content}`)], '/')).toEqual([
    `cli.html ${fault}`,
  ])
})

it.each([
  ['<title>A page</title>', 'has no title'],
  ['<meta name="description" content="A page of the test, long enough.">', 'has no description'],
  [' lang="en"', 'does not name its language'],
])('finds that %s is missing', (text, fault) => {
  const { html } = page('cli.html', '<a href="/cli">cli</a>')
  expect(findSiteFaults([{ path: 'cli.html', html: html.replace(text, '') }], '/')).toEqual([
    `cli.html ${fault}`,
  ])
})

it('finds a page that nobody can come to', () => {
  const pages = [page('index.html', '<a href="/">home</a>'), page('lost.html', '')]
  expect(findSiteFaults(pages, '/')).toEqual(['lost.html is linked from nowhere'])
})
