import { array, assert, constantFrom, property, stringMatching, webUrl } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLinkHeader } from '../src/index.ts'

describe('a Link header', () => {
  it.each([
    ['<https://x/y?cursor=1>; rel="next"', { next: 'https://x/y?cursor=1' }],
    ['<https://x/y>;rel=next', { next: 'https://x/y' }],
    ['<https://x/y> ; REL = "Next"', { next: 'https://x/y' }],
    ['<a>; rel="xet-auth", <b>; rel="next"', { 'xet-auth': 'a', next: 'b' }],
    ['<a>; title="x"; rel="next prev"', { next: 'a', prev: 'a' }],
    ['<a>; rel="next", <b>; rel="next"', { next: 'a' }],
    ['<a>; rel="prev"; rel="next"', { prev: 'a' }],
    ['<a,b;c>; rel="next"', { next: 'a,b;c' }],
    ['<a>; title="; rel=next", <b>; rel="next"', { next: 'b' }],
    ['<a>; title="<c>; rel=next"; rel="prev"', { prev: 'a' }],
    ['<a>; rel=""', {}],
    ['<a>', {}],
    ['<>; rel="next"', {}],
    ['a; rel="next"', {}],
    ['<a; rel="next"', {}],
    ['<a>; xrel="next"', {}],
    ['', {}],
  ])('%s', (header, links) => {
    expect(Object.fromEntries(readLinkHeader(header))).toEqual(links)
  })

  it('may be missing', () => {
    expect(readLinkHeader(undefined).size).toBe(0)
  })

  it('of any text is read without throwing, and targets stand in the text', () => {
    const piece = constantFrom('<', '>', ';', ',', '"', ' ', 'rel', '=', 'next', 'x', '*')
    assert(
      property(array(piece, { maxLength: 40 }), (pieces) => {
        const header = pieces.join('')
        for (const target of readLinkHeader(header).values())
          expect(header).toContain(`<${target}>`)
      }),
      { numRuns: 2000 },
    )
  })

  it.each(['<', '<a', ';', '; rel', '<a>;', '"', '<a>"', '<a>; rel="', ' '])(
    'of 64 KiB of %j costs no quadratic time',
    (piece) => {
      expect(readLinkHeader(piece.repeat(65_536 / piece.length)).size).toBeLessThan(3)
    },
    2000,
  )

  it('finds a link that was written into noise', () => {
    assert(
      property(webUrl(), stringMatching(/^[a-z; =]{0,20}$/), (url, noise) => {
        const links = readLinkHeader(`<${url}>; rel="next"; ${noise}`)
        expect(links.get('next')).toBe(url)
      }),
    )
  })
})
