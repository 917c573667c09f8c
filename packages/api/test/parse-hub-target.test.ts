import { HubError } from '@hfx/core'
import {
  array,
  assert,
  constantFrom,
  oneof,
  pre,
  property,
  string,
  stringMatching,
  tuple,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodePath, encodeSegment, type HubTarget, parseHubTarget } from '../src/index.ts'

const model = (id: string): HubTarget['repo'] => ({ type: 'model', id })
const dataset = (id: string): HubTarget['repo'] => ({ type: 'dataset', id })

const goodUris: readonly (readonly [uri: string, target: HubTarget])[] = [
  ['hf://a/b', { repo: model('a/b') }],
  ['HF://a/b', { repo: model('a/b') }],
  ['hf://a/b/', { repo: model('a/b') }],
  ['hf:///a/b', { repo: model('a/b') }],
  ['hf://models/a/b', { repo: model('a/b') }],
  ['hf://datasets/a/b', { repo: dataset('a/b') }],
  ['hf://spaces/a/b', { repo: { type: 'space', id: 'a/b' } }],
  ['hf://kernels/a/b', { repo: { type: 'kernel', id: 'a/b' } }],
  ['hf://a/b/config.json', { repo: model('a/b'), path: 'config.json' }],
  ['hf://a/b/sub/dir/x.txt', { repo: model('a/b'), path: 'sub/dir/x.txt' }],
  ['hf://a/b/sub/', { repo: model('a/b'), path: 'sub/' }],
  ['hf://a/b@v1.0', { repo: model('a/b'), revision: 'v1.0' }],
  ['hf://a/b@v1.0/x', { repo: model('a/b'), revision: 'v1.0', path: 'x' }],
  ['hf://datasets/a/b@refs/pr/12/x', { repo: dataset('a/b'), revision: 'refs/pr/12', path: 'x' }],
  ['hf://a/b@refs/convert/parquet', { repo: model('a/b'), revision: 'refs/convert/parquet' }],
  ['hf://a/b@refs%2Fpr%2F1/x', { repo: model('a/b'), revision: 'refs/pr/1', path: 'x' }],
  ['hf://a/b@feat%2Fx/y', { repo: model('a/b'), revision: 'feat/x', path: 'y' }],
  ['hf://a/b@refs/x', { repo: model('a/b'), revision: 'refs', path: 'x' }],
  ['hf://a/b/x@y.txt', { repo: model('a/b'), path: 'x@y.txt' }],
  ['hf://a/b/a%20b.txt', { repo: model('a/b'), path: 'a%20b.txt' }],
  ['hf://a/datasets/x', { repo: model('a/datasets'), path: 'x' }],
]

const badUris = [
  'hf://', 'hf:///', 'hf://gpt2', 'hf://gpt2@main', 'hf://datasets', 'hf://datasets/a',
  'hf://model/a/b', 'hf://dataset/a/b', 'hf://space/a/b', 'hf://kernel/a/b', 'hf://buckets/a/b',
  'hf://a//b', 'hf://a/b//x',
  'hf://a/b/x//y', 'hf://a/b@', 'hf://a/b@/x', 'hf://a@v1/b', 'hf://a/b@../x',
  'hf://a/b@v 1', 'hf://a/b@%2E%2E', 'hf://a/b/../c', 'hf://a/b/C:/x', 'hf://a/b/x\0y', 'hf://a/b..c',
  'hf://-a/b', 'hf://a/b.git', 'hf://a/b@a%00b', 'hf://a b/c',
] // prettier-ignore

const pages: readonly (readonly [url: string, target: HubTarget])[] = [
  ['https://huggingface.co/gpt2', { repo: model('gpt2') }],
  ['https://huggingface.co/a/b', { repo: model('a/b') }],
  ['https://huggingface.co/a/b/', { repo: model('a/b') }],
  ['http://huggingface.co/a/b?x=1#readme', { repo: model('a/b') }],
  ['https://hf.co/a/b', { repo: model('a/b') }],
  ['huggingface.co/a/b', { repo: model('a/b') }],
  ['hf.co/datasets/a/b/tree/v1', { repo: dataset('a/b'), revision: 'v1' }],
  ['https://huggingface.co/datasets/a/b', { repo: dataset('a/b') }],
  ['https://huggingface.co/spaces/a/b', { repo: { type: 'space', id: 'a/b' } }],
  ['https://huggingface.co/a/b/tree/main', { repo: model('a/b'), revision: 'main' }],
  ['https://huggingface.co/a/b/tree/main/sub', { repo: model('a/b'), revision: 'main', path: 'sub' }],
  ['https://huggingface.co/a/b/blob/v1/x.txt', { repo: model('a/b'), revision: 'v1', path: 'x.txt' }],
  ['https://huggingface.co/a/b/resolve/v1/x?download=true', { repo: model('a/b'), revision: 'v1', path: 'x' }],
  ['https://huggingface.co/a/b/raw/v1/x', { repo: model('a/b'), revision: 'v1', path: 'x' }],
  ['https://huggingface.co/a/b/blame/v1/x', { repo: model('a/b'), revision: 'v1', path: 'x' }],
  ['https://huggingface.co/gpt2/blob/main/a%20b.txt', { repo: model('gpt2'), revision: 'main', path: 'a b.txt' }],
  ['https://huggingface.co/a/b/blob/refs%2Fpr%2F1/x', { repo: model('a/b'), revision: 'refs/pr/1', path: 'x' }],
  ['https://huggingface.co/a/b/tree/refs/pr/1/sub', { repo: model('a/b'), revision: 'refs/pr/1', path: 'sub' }],
  ['https://hub.corp/hf/a/b/blob/main/x', { repo: model('a/b'), revision: 'main', path: 'x' }],
  ['https://huggingface.co/a/b/blob/main/100%.txt', { repo: model('a/b'), revision: 'main', path: '100%.txt' }],
] // prettier-ignore

const noPages = [
  'https://huggingface.co', 'https://huggingface.co/', 'https://huggingface.co/datasets',
  'https://huggingface.co/docs/hub', 'https://huggingface.co/blog/x', 'https://huggingface.co/papers/2401.1',
  'https://huggingface.co/settings/tokens', 'https://huggingface.co/collections/a', 'https://huggingface.co/models',
  'https://huggingface.co/a/b/discussions', 'https://huggingface.co/a/b/discussions/1',
  'https://huggingface.co/a/b/commits/main', 'https://huggingface.co/api/models/gpt2',
  'https://example.com/a/b', 'https://huggingface.co.evil.com/a/b', 'https://huggingface.co@evil.com/a/b',
  'https://hub.corp/a/b', 'https://hub.corp/hfx/a/b',
  'https://hub.corp/hfa/b', 'https://huggingface.co/a/b/blob/main/%2e%2e%2fx',
  'https://huggingface.co/a/b/blob/a%20b/x', 'https://', 'https://huggingface.co:99999/a/b',
] // prettier-ignore

describe('hf:// URIs', () => {
  it.each(goodUris)('reads %s', (uri, target) => {
    expect(parseHubTarget(uri)).toEqual(target)
  })

  it.each(badUris)('refuses %j', (uri) => {
    expect(() => parseHubTarget(uri)).toThrowError(
      expect.objectContaining({ code: 'HUB_INVALID_URI' }),
    )
  })
})

describe('pasted pages', () => {
  it.each(pages)('reads %s', (url, target) => {
    expect(parseHubTarget(url, 'https://hub.corp/hf/')).toEqual(target)
  })

  it.each(noPages)('refuses %j', (url) => {
    expect(() => parseHubTarget(url, 'https://hub.corp/hf')).toThrowError(
      expect.objectContaining({ code: 'HUB_INVALID_URI' }),
    )
  })

  it.each([
    '',
    'gpt2',
    'a/b',
    'datasets/a/b',
    './a/b',
    'a b',
    'ftp://huggingface.co/a/b',
    'hf.com/a',
  ])('leaves %j to others', (text) => {
    expect(parseHubTarget(text)).toBeUndefined()
  })
})

const id = tuple(stringMatching(/^[a-z][a-z0-9]{0,8}$/), stringMatching(/^[a-z][a-z0-9_]{0,8}$/))
  .filter(([namespace]) => !/^(model|dataset|space|kernel|bucket)s?$/.test(namespace))
  .map((parts) => parts.join('/'))
const path = array(stringMatching(/^[a-zé# ?%+@.-]{2,8}$/), { minLength: 1, maxLength: 3 })
  .filter((parts) => parts.every((part) => part !== '..'))
  .map((parts) => parts.join('/'))

function attempt(text: string): {
  readonly target?: HubTarget | undefined
  readonly error?: unknown
} {
  try {
    return { target: parseHubTarget(text) }
  } catch (error) {
    return { error: error instanceof HubError ? error.code : error }
  }
}

describe('parsing any text', () => {
  it('a page read back is the file it was made of', () => {
    assert(
      property(
        id,
        constantFrom('main', 'refs/pr/7', 'feat/x', 'v1.0+x'),
        path,
        (name, revision, file) => {
          const url = `https://huggingface.co/datasets/${name}/blob/${encodeSegment(revision)}/${encodePath(file)}`
          pre(file.split('/').some((segment) => segment !== '.'))
          pre(!file.split('/').includes('.'))
          expect(parseHubTarget(url)).toEqual({ repo: dataset(name), revision, path: file })
        },
      ),
      { numRuns: 500 },
    )
  })

  it('answers, answers undefined or throws HUB_INVALID_URI, never anything else', () => {
    const text = tuple(
      constantFrom('hf://', 'https://huggingface.co/', 'hf.co/', 'http://', ''),
      oneof(string({ unit: 'binary' }), stringMatching(/^[ab@/.%:\\]*$/)),
    )
    assert(
      property(text, ([start, rest]) => {
        const { target, error } = attempt(start + rest)
        expect([target?.path, target?.revision].join('/').split(/[/\\]/)).not.toContain('..')
        expect([undefined, 'HUB_INVALID_URI']).toContain(error)
      }),
      { numRuns: 2000 },
    )
  })
})
