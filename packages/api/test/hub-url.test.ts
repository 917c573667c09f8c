import { spawnSync } from 'node:child_process'
import { sample, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHubUrls, encodePath, encodeSegment, parseEndpoint } from '../src/index.ts'

const repo = { type: 'model', id: 'a/b' } as const
const hub = createHubUrls('https://huggingface.co')

const encodedPaths: readonly (readonly [path: string, encoded: string])[] = [
  ['config.json', 'config.json'],
  ['a b.txt', 'a%20b.txt'],
  ['a#b', 'a%23b'],
  ['a?b', 'a%3Fb'],
  ['a%b', 'a%25b'],
  ['é/ü.txt', '%C3%A9/%C3%BC.txt'],
  ['a\\b', 'a%5Cb'],
  ['[x]', '%5Bx%5D'],
  ["+&=;@:,!$'()*", '%2B%26%3D%3B%40%3A%2C%21%24%27%28%29%2A'],
  ['_.-~', '_.-~'],
  ['weird name#?.txt', 'weird%20name%23%3F.txt'],
  ['日本/🤗.bin', '%E6%97%A5%E6%9C%AC/%F0%9F%A4%97.bin'],
]

describe('URLs are encoded as the Hub’s own clients do it', () => {
  it.each(encodedPaths)('case 9: writes the path %j as %s', (path, encoded) => {
    expect(hub.resolve(repo, 'main', path)).toBe(
      `https://huggingface.co/a/b/resolve/main/${encoded}`,
    )
  })

  it.each([
    ['refs/pr/1', 'refs%2Fpr%2F1'],
    ['feature/foo bar', 'feature%2Ffoo%20bar'],
    ['v1.0+x', 'v1.0%2Bx'],
  ])('writes the revision %j as one segment, %s', (revision, encoded) => {
    expect(hub.resolve(repo, revision, 'x')).toContain(`/resolve/${encoded}/x`)
    expect(hub.repoInfo(repo, revision)).toMatch(new RegExp(`/revision/${encoded}$`, 'u'))
    expect(hub.tree(repo, revision)).toContain(`/tree/${encoded}?`)
    expect(hub.pathsInfo(repo, revision)).toMatch(new RegExp(`/paths-info/${encoded}$`, 'u'))
  })

  it('case 10: agrees with Python’s quote() on thousands of names', ({ skip }) => {
    const names = sample(string({ unit: 'binary', minLength: 1, maxLength: 24 }), 4000)
    names.push(
      "!'()*+&=;@:,$",
      ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
    )
    const program =
      'import json,sys,urllib.parse as u\n' +
      'print(json.dumps([[u.quote(n), u.quote(n, safe="")] for n in json.load(sys.stdin)]))'
    const python = spawnSync('python3', ['-c', program], {
      input: JSON.stringify(names),
      encoding: 'utf8',
      maxBuffer: 64 * 2 ** 20,
    })
    if (python.error) skip('python3 is not here')
    expect(python.stderr).toBe('')
    const quoted: unknown = JSON.parse(python.stdout)
    expect(names.map((name) => [encodePath(name), encodeSegment(name)])).toEqual(quoted)
  })

  it('writes a lone surrogate, which UTF-8 cannot hold, as the replacement character', () => {
    expect(encodeSegment('a\uD800b')).toBe('a%EF%BF%BDb')
  })
})

describe('each kind of repository has its place', () => {
  it.each([
    ['model', '/a/b/', '/api/models/a/b'],
    ['dataset', '/datasets/a/b/', '/api/datasets/a/b'],
    ['space', '/spaces/a/b/', '/api/spaces/a/b'],
    ['kernel', '/kernels/a/b/', '/api/kernels/a/b'],
  ] as const)('case 12: %s', (type, page, api) => {
    const typed = { type, id: 'a/b' }
    expect(hub.resolve(typed, 'main', 'x')).toBe(`https://huggingface.co${page}resolve/main/x`)
    expect(hub.repoInfo(typed)).toBe(`https://huggingface.co${api}`)
    expect(hub.refs(typed)).toBe(`https://huggingface.co${api}/refs?include_prs=1`)
    expect(`${hub.repoPage(typed)}/`).toBe(`https://huggingface.co${page}`)
  })

  it('sends both switches of a listing, and a folder as one segment', () => {
    expect(hub.tree(repo, 'main')).toBe(
      'https://huggingface.co/api/models/a/b/tree/main?recursive=true&expand=false',
    )
    expect(hub.tree(repo, 'main', { path: 'sub/dir', recursive: false })).toBe(
      'https://huggingface.co/api/models/a/b/tree/main/sub%2Fdir?recursive=false&expand=false',
    )
  })

  it('asks who we are', () => {
    expect(hub.whoami()).toBe('https://huggingface.co/api/whoami-v2')
  })
})

describe('the endpoint', () => {
  it.each([
    ['https://proxy.corp/hf', 'https://proxy.corp/hf'],
    ['https://proxy.corp/hf///', 'https://proxy.corp/hf'],
    ['https://huggingface.co/', 'https://huggingface.co'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['HTTPS://HuggingFace.co:443', 'https://huggingface.co'],
  ])('%s becomes %s', (text, endpoint) => {
    const urls = createHubUrls(text)
    expect(urls.endpoint).toBe(endpoint)
    expect(urls.origin).toBe(new URL(endpoint).origin)
    expect(urls.resolve(repo, 'main', 'x')).toBe(`${endpoint}/a/b/resolve/main/x`)
    expect(urls.whoami()).toBe(`${endpoint}/api/whoami-v2`)
  })

  it.each([
    '',
    'huggingface.co',
    'ftp://x',
    'file:///etc',
    'https://',
    'https://x/?a=1',
    'https://x/#a',
  ])('refuses %j', (text) => {
    expect(() => parseEndpoint(text)).toThrowError(
      expect.objectContaining({ code: 'HUB_INVALID_OPTION' }),
    )
  })

  it('refuses one with a password without repeating it', () => {
    const work = (): string => parseEndpoint('https://ada:geheim@mirror.corp')
    expect(work).toThrowError(
      expect.objectContaining({
        code: 'HUB_INVALID_OPTION',
        message: expect.not.stringContaining('geheim'),
      }),
    )
  })
})
