import { findPathFault, isCommitHash } from '@hfx/core'
import { fuzzRuns, tame, tameLater } from '@hfx/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHubApi, findSignedUrlExpiry, parseHubTarget, readLinkHeader } from '../src/index.ts'
import { readMetadataHeaders } from '../src/read-metadata-headers.ts'
import { readTreeEntry } from '../src/read-tree-entry.ts'
import { cannedTransport, responseOf } from './fixtures.ts'

const runs = fuzzRuns()
const repo = { type: 'model', id: 'a/b' } as const
const hex = fc.string({
  unit: fc.integer({ min: 0, max: 15 }).map((digit) => digit.toString(16)),
  minLength: 38,
  maxLength: 66,
})

/** JSON with the names that the Hub uses, and values that it does not. */
const hubLike: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue(),
    hex,
    fc.constantFrom('file', 'directory', 'main', '../x', -1, 2 ** 53),
    tie('list'),
    tie('record'),
  ),
  list: fc.array(tie('value'), { maxLength: 5 }),
  record: fc.dictionary(
    fc.constantFrom(
      'type',
      'path',
      'oid',
      'size',
      'lfs',
      'xetHash',
      'sha',
      'id',
      'branches',
      'tags',
      'pullRequests',
      'ref',
      'name',
      'targetCommit',
      'siblings',
      'gated',
      'auth',
      'orgs',
      'error',
      '__proto__',
      'constructor',
      'toString',
    ),
    tie('value'),
  ),
})).value

describe('fuzz: JSON of a Hub', () => {
  it('readTreeEntry: a file inside the repository, nothing, or an error', () => {
    fc.assert(
      fc.property(hubLike, fc.string(), (value, path) => {
        for (const item of [
          value,
          { type: 'file', path, size: 1, oid: '0'.repeat(40), ...Object(value) },
        ]) {
          const file = tame(() => readTreeEntry(item, responseOf({})))
          if (!file) continue
          expect(findPathFault(file.path)).toBeUndefined()
          expect(Number.isSafeInteger(file.sizeBytes) && file.sizeBytes >= 0).toBe(true)
        }
      }),
      runs,
    )
  })

  it('every question: an answer, or an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(hubLike, fc.oneof(fc.string(), fc.constant('')), async (json, link) => {
        const answer = { json, headers: link === '' ? {} : { link } }
        const transport = cannedTransport((_request, count) => (count > 3 ? { json: [] } : answer))
        const api = createHubApi(
          { transport },
          { endpoint: 'https://hub.example', maxTreePages: 5 },
        )
        await tameLater(() =>
          api
            .resolveRevision(repo, 'main')
            .then(({ commit }) => expect(isCommitHash(commit)).toBe(true)),
        )
        await tameLater(() => api.describeRepo(repo, 'main'))
        await tameLater(() => api.listRefs(repo))
        await tameLater(() => api.describeAccount())
        await tameLater(() => api.describePaths(repo, 'main', ['a']))
        await tameLater(async () => {
          for await (const page of api.listTree(repo, 'main'))
            expect(page.length).toBeGreaterThan(0)
        })
        for (const { url } of transport.asked)
          expect(new URL(url).origin).toBe('https://hub.example')
      }),
      runs,
    )
  })

  it('every question about bytes that are no JSON', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.json().map((text) => text.slice(1)),
        ),
        async (text) => {
          const api = createHubApi(
            { transport: cannedTransport(() => ({ text })) },
            { endpoint: 'https://hub.example' },
          )
          await tameLater(() => api.describeRepo(repo, 'main'))
          await tameLater(() => api.listRefs(repo))
        },
      ),
      runs,
    )
  })
})

describe('fuzz: headers of a Hub', () => {
  const header = fc.oneof(
    fc.string(),
    hex,
    fc.webUrl({ withQueryParameters: true }),
    hex.map((text) => `W/"${text}"`),
    fc.constantFrom('../x', '-1', '9007199254740993', 'file:///x'),
  )

  it('readMetadataHeaders: names that are safe, sizes that are sizes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(
            'etag',
            'x-linked-etag',
            'x-linked-size',
            'content-length',
            'x-repo-commit',
            'x-xet-hash',
            'location',
          ),
          header,
        ),
        fc.constantFrom(200, 302),
        (headers, status) => {
          const seen = tame(() => readMetadataHeaders(responseOf({ headers, status })))
          if (!seen) return
          if (seen.etag !== undefined)
            expect(seen.etag).toMatch(/^[0-9A-Za-z_-][0-9A-Za-z._-]{0,199}$/)
          if (seen.commit !== undefined) expect(isCommitHash(seen.commit)).toBe(true)
          if (seen.sizeBytes !== undefined) expect(Number.isSafeInteger(seen.sizeBytes)).toBe(true)
          expect(new URL(seen.location.url).protocol).toBe('https:')
        },
      ),
      runs,
    )
  })

  it('readLinkHeader: targets by relation, never a failure', () => {
    const part = fc.constantFrom(
      '<',
      '>',
      ';',
      ',',
      'rel',
      '=',
      '"',
      'next',
      ' ',
      'https://x/y',
      '\\',
      'xet-auth',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (text) => {
          for (const [relation, target] of readLinkHeader(text)) {
            expect(relation).toMatch(/^\S+$/)
            expect(target).not.toMatch(/[<>]/)
          }
        },
      ),
      runs,
    )
  })
})

describe('fuzz: addresses that people and servers give', () => {
  const address = fc.oneof(
    fc.string(),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc
      .array(
        fc.constantFrom(
          'hf://',
          'https://',
          'huggingface.co',
          '/',
          'datasets',
          'a',
          'b',
          '@',
          'resolve',
          'tree',
          'main',
          '..',
          '%2F',
          '%',
          '\0',
          '?',
          '#',
          '-',
          'refs/pr/1',
        ),
      )
      .map((parts) => parts.join('')),
  )

  it('parseHubTarget: a repository inside its bounds, nothing, or an error', () => {
    fc.assert(
      fc.property(address, (text) => {
        const target = tame(() => parseHubTarget(text, 'https://huggingface.co'))
        if (!target) return
        expect(target.repo.id).toMatch(/^[\w.-]+(?:\/[\w.-]+)?$/)
        if (target.path !== undefined && target.path !== '')
          expect(findPathFault(target.path.replace(/\/$/, ''))).toBeUndefined()
      }),
      runs,
    )
  })

  it('findSignedUrlExpiry: a time, or none', () => {
    const query = fc.dictionary(
      fc.constantFrom('Expires', 'X-Amz-Date', 'X-Amz-Expires', 'se', 'Policy', 'exp'),
      fc.oneof(fc.string(), fc.bigInt().map(String), fc.date().map(String)),
    )
    fc.assert(
      fc.property(query, fc.string(), (given, text) => {
        for (const url of [`https://x.example/?${String(new URLSearchParams(given))}`, text]) {
          const atMs = findSignedUrlExpiry(url)
          if (atMs !== undefined) expect(Number.isFinite(atMs)).toBe(true)
        }
      }),
      runs,
    )
  })
})
