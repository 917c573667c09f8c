import { describe, expect, it } from 'vitest'
import { normaliseEtag } from '../src/index.ts'
import { type FileMetadata, readMetadataHeaders } from '../src/read-metadata-headers.ts'
import { responseOf } from './fixtures.ts'

const commit = 'c'.repeat(40)
const sha1 = 'cb5b2f69babc53f9145b45ad20b9a075d48717ef'
const sha256 = 'fbbab289f7f94b25736c58be46a994c441fd02552cc6022352e3d86d2fab7c83'
const resolveUrl = 'https://huggingface.co/a/b/resolve/main/x'

function read(headers: Readonly<Record<string, string>>, status = 200): FileMetadata {
  return readMetadataHeaders(responseOf({ status, headers }, resolveUrl))
}

describe('the ETag becomes a blob name as in Python', () => {
  it.each([
    ['"abc"', 'abc'],
    ['W/"abc"', 'abc'],
    ['abc', 'abc'],
    ['"W/abc"', 'W/abc'],
    ['w/"abc"', 'w/"abc'],
    ['"abc-gzip"', 'abc-gzip'],
    ['""', ''],
    ['', ''],
    ['WW//"abc"', 'abc'],
    ['""abc""', 'abc'],
  ])('case 8: %s → %s', (etag, name) => {
    expect(normaliseEtag(etag)).toBe(name)
  })

  it.each([
    '"../../../evil"',
    '"a/b"',
    '"a\\b"',
    '"C:x"',
    '"a\0b"',
    '".hidden"',
    '"a b"',
    `"${'a'.repeat(201)}"`,
  ])('case 72: refuses %j', (etag) => {
    expect(() => read({ etag, 'x-repo-commit': commit })).toThrowError(
      expect.objectContaining({ code: 'HUB_UNSAFE_PATH' }),
    )
  })
})

it('SE-4: a header full of quotes costs no more than its length', () => {
  const quotes = '"'.repeat(1_000_000)
  expect(normaliseEtag(`${quotes}x${quotes}`)).toBe('x')
  expect(normaliseEtag(`${quotes}x${quotes}y`)).toBe(`x${quotes}y`)
  expect(normaliseEtag(quotes)).toBe('')
})

describe('what a file is verified against', () => {
  it('is git’s hash for a git file', () => {
    const seen = read({ etag: `"${sha1}"`, 'x-repo-commit': commit, 'content-length': '9' })
    expect(seen).toEqual({
      commit,
      etag: sha1,
      hash: { algorithm: 'git-sha1', digest: sha1 },
      sizeBytes: 9,
      xetHash: undefined,
      location: { url: resolveUrl },
    })
  })

  it('case 5: is the sha256 that X-Linked-Etag names, whatever ETag carries', () => {
    const seen = read(
      {
        etag: `"${sha1}"`,
        'x-linked-etag': `"${sha256}"`,
        'x-linked-size': '1048576',
        'x-repo-commit': commit,
        'content-length': '40',
        location: 'https://cdn.example/x?Expires=1700000000',
      },
      302,
    )
    expect(seen.etag).toBe(sha256)
    expect(seen.hash).toEqual({ algorithm: 'sha256', digest: sha256 })
    expect(seen.sizeBytes).toBe(1_048_576)
    expect(seen.location).toEqual({
      url: 'https://cdn.example/x?Expires=1700000000',
      expiresAtMs: 1_700_000_000_000,
    })
  })

  it('case 6: is never the Xet hash, which is kept in lower case', () => {
    const seen = read({
      'x-linked-etag': `"${sha256}"`,
      'x-repo-commit': commit,
      'x-xet-hash': 'AB'.repeat(32),
    })
    expect(seen.etag).toBe(sha256)
    expect(seen.xetHash).toBe('ab'.repeat(32))
  })

  it.each(['nope', 'ab'.repeat(31), '*'.repeat(64)])('drops the masked Xet hash %s', (hash) => {
    expect(read({ 'x-xet-hash': hash }).xetHash).toBeUndefined()
  })

  it.each([
    ['a weak ETag', { etag: `W/"${sha1}"`, 'x-repo-commit': commit }],
    ['an upper-case one', { etag: `"${sha1.toUpperCase()}"`, 'x-repo-commit': commit }],
    [
      'one of another length',
      { etag: '"d41d8cd98f00b204e9800998ecf8427e"', 'x-repo-commit': commit },
    ],
    ['an answer without a commit', { etag: `"${sha1}"` }],
    ['a linked file of 40 digits', { 'x-linked-etag': `"${sha1}"`, 'x-repo-commit': commit }],
    [
      'a linked size beside a 40 digit ETag',
      { etag: `"${sha1}"`, 'x-linked-size': '5', 'x-repo-commit': commit },
    ],
    ['no ETag', { 'x-repo-commit': commit }],
  ])('is not known from %s', (_name, headers) => {
    expect(read({ ...headers }).hash).toBeUndefined()
  })

  it.each(['main', 'C'.repeat(40), 'c'.repeat(39), '../../../x', `${'c'.repeat(40)}\n`])(
    'case 72: refuses the commit %j',
    (value) => {
      expect(() => read({ etag: `"${sha1}"`, 'x-repo-commit': value })).toThrowError(
        expect.objectContaining({ code: 'HUB_BAD_RESPONSE' }),
      )
    },
  )

  it('takes an empty commit as missing', () => {
    expect(read({ etag: `"${sha1}"`, 'x-repo-commit': '' }).commit).toBeUndefined()
  })
})

describe('the size', () => {
  it.each([
    ['of a body', { 'content-length': '9' }, 200, 9],
    ['of an empty body', { 'content-length': '0' }, 200, 0],
    ['of a linked file', { 'content-length': '9', 'x-linked-size': '12' }, 200, 12],
    [
      'of a redirect’s text counts for nothing',
      { 'content-length': '9', location: '/y' },
      302,
      undefined,
    ],
    [
      'of an encoded body counts for nothing',
      { 'content-length': '9', 'content-encoding': 'gzip' },
      200,
      undefined,
    ],
    [
      'of an identity body counts',
      { 'content-length': '9', 'content-encoding': 'identity' },
      200,
      9,
    ],
    ['may be negative on a bad server', { 'content-length': '-9' }, 200, undefined],
    ['may be past what numbers hold', { 'content-length': '99999999999999999999' }, 200, undefined],
    ['may be twice there', { 'content-length': '9, 9' }, 200, undefined],
  ])('%s', (...[, headers, status, size]) => {
    expect(read({ ...headers }, status).sizeBytes).toBe(size)
  })
})

describe('the location', () => {
  it('may be relative', () => {
    expect(read({ location: '/cdn/x' }, 307).location).toEqual({
      url: 'https://huggingface.co/cdn/x',
    })
  })

  it.each(['http://cdn.example/x', 'file:///etc/passwd', 'javascript:1'])(
    'SE-1: refuses to go from https to %s',
    (location) => {
      expect(() => read({ location }, 302)).toThrowError(
        expect.objectContaining({ code: 'HUB_UNSAFE_REDIRECT' }),
      )
    },
  )

  it('refuses what is no URL, and shows no signed query', () => {
    expect(() => read({ location: 'https://%' }, 302)).toThrowError(
      expect.objectContaining({ code: 'HUB_BAD_RESPONSE' }),
    )
    expect(() => read({ location: 'http://cdn.example/x?Signature=geheim' }, 302)).toThrowError(
      expect.objectContaining({ message: expect.not.stringContaining('geheim') }),
    )
  })
})
