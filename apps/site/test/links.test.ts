import { expect, it } from 'vitest'
import { resolveLink } from '../src/links.ts'
import { placeOf } from '../src/page-paths.ts'

it('leads to the place of another page, with its heading', () => {
  expect(resolveLink('docs/cli.md', 'config.md#the-hub')).toBe('/config.md#the-hub')
  expect(resolveLink('docs/decisions/README.md', '../errors.md')).toBe('/errors.md')
  expect(resolveLink('packages/hub/README.md', '../cache/README.md')).toBe('/packages/cache.md')
})

it('leads to the README of a folder where it is on the site', () => {
  expect(resolveLink('README.md', 'packages/hub')).toBe('/packages/hub.md')
  expect(resolveLink('docs/architecture.md', 'decisions/README.md')).toBe('/decisions/')
  expect(resolveLink('CONTRIBUTING.md', 'README.md')).toBe('/')
})

it('stays on the site where a README names a page by its address on GitHub', () => {
  const own = 'https://github.com/hfx-dev/hfx'
  const from = 'packages/hub/README.md'
  expect(resolveLink(from, `${own}/blob/main/docs/errors.md#HUB_DISK`)).toBe('/errors.md#HUB_DISK')
  expect(resolveLink(from, `${own}/tree/main/packages/cache`)).toBe('/packages/cache.md')
  expect(resolveLink(from, `${own}/releases`)).toBe(`${own}/releases`)
  expect(() => resolveLink(from, `${own}/blob/main/docs/none.md`)).toThrow(from)
})

it('leads to the repository for files and folders that are no pages', () => {
  const blob = 'https://github.com/hfx-dev/hfx/blob/main'
  expect(resolveLink('docs/architecture.md', '../packages/core/src/ports.ts')).toBe(
    `${blob}/packages/core/src/ports.ts`,
  )
  expect(resolveLink('docs/architecture.md', '../packages/core/src/model')).toBe(
    'https://github.com/hfx-dev/hfx/tree/main/packages/core/src/model',
  )
  expect(resolveLink('CONTRIBUTING.md', 'LICENSE')).toBe(`${blob}/LICENSE`)
})

it('leaves addresses and headings of the same page alone', () => {
  expect(resolveLink('docs/cli.md', '#hfx-ls')).toBe('#hfx-ls')
  expect(resolveLink('docs/cli.md', 'https://huggingface.co/docs')).toBe(
    'https://huggingface.co/docs',
  )
})

it.each(['nowhere.md', '../packages/none', '../../outside.md'])(
  'refuses %s, which is not there',
  (href) => {
    expect(() => resolveLink('docs/cli.md', href)).toThrow(`docs/cli.md: the link to ${href}`)
  },
)

it('keeps off the site what is data or for those who work in the repository', () => {
  const off = ['docs/api/hub.api.md', 'packages/testing/README.md', 'apps/bench/README.md']
  expect(off.map(placeOf)).toEqual([undefined, undefined, undefined])
})
