import { createHubUrls, parseHubTarget } from '@hfx/api'
import {
  checkBlobName,
  checkRepoPath,
  checkRevision,
  findPathFault,
  parseRepo,
  redactHeaders,
  redactText,
  redactUrl,
  visible,
} from '@hfx/core'
import { fuzzRuns, tame } from '@hfx/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePattern } from '../src/match-pattern.ts'
import { parseLockFile } from '../src/parse-lock-file.ts'
import { readTarget } from '../src/read-target.ts'

const runs = fuzzRuns()
const path = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('..', '.', '/', '\\', 'C:', 'a', '\0', '', '\u202E', '~', '//server'))
    .map((parts) => parts.join('')),
)

describe('fuzz: names', () => {
  it('checkRepoPath: on no system outside of its folder', () => {
    fc.assert(
      fc.property(path, (name) => {
        const checked = tame(() => checkRepoPath(name))
        if (checked === undefined) return
        for (const separators of [/\//, /[/\\]/]) {
          let depth = 0
          for (const segment of checked.split(separators)) {
            if (segment !== '' && segment !== '.') depth += segment === '..' ? -1 : 1
            expect(depth).toBeGreaterThanOrEqual(0)
          }
        }
        expect(checked).not.toMatch(/^[/\\]|^.:|\0/)
      }),
      runs,
    )
  })

  it('checkBlobName, checkRevision: a name of one file, a path of plain parts', () => {
    fc.assert(
      fc.property(path, (name) => {
        const blob = tame(() => checkBlobName(name))
        if (blob !== undefined) expect(blob).toMatch(/^[0-9A-Za-z_-][0-9A-Za-z._-]*$/)
        const revision = tame(() => checkRevision(name))
        if (revision === undefined) return
        expect(findPathFault(revision)).toBeUndefined()
        expect(revision).not.toMatch(/[\s\p{Cc}]/u)
      }),
      runs,
    )
  })

  it('parseRepo, readTarget: a repository of the Hub, or an error', () => {
    const urls = createHubUrls('https://hub.example')
    const input = fc.oneof(
      path,
      fc.webUrl(),
      fc
        .array(fc.constantFrom('datasets', 'a', 'b-c', '/', '--', '.git', '@', 'hf://', '.', '_'))
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(input, fc.option(path, { nil: undefined }), (text, revision) => {
        const options = revision === undefined ? {} : { revision }
        const parse = (one: string) => parseHubTarget(one, 'https://hub.example')
        const target = tame(() => readTarget(text, options, parse))
        for (const repo of [tame(() => parseRepo(text)), target?.repo]) {
          if (!repo) continue
          expect(repo.id).toMatch(/^\w[\w.-]*(?:\/\w[\w.-]*)?$/)
          const url = new URL(urls.resolve(repo, target?.revision ?? 'main', 'a b'))
          expect(url.origin).toBe('https://hub.example')
          expect(url.pathname).toContain(`/${repo.id}/resolve/`)
        }
      }),
      runs,
    )
  })

  it('compilePattern: an answer for every pattern and path', () => {
    const pattern = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('*', '?', '[', ']', '!', 'a', '-', '/', '\\', '^', '**', '{', '}'))
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(pattern, path, (wanted, name) => {
        expect(typeof compilePattern(wanted)(name)).toBe('boolean')
      }),
      runs,
    )
  })
})

describe('fuzz: lock files', () => {
  it('parseLockFile: checked repositories and files, or an error', () => {
    const value = fc.oneof(fc.jsonValue(), path, fc.constant('0'.repeat(40)), fc.constant('model'))
    const file = fc.dictionary(fc.constantFrom('path', 'sizeBytes', 'sha256', 'gitSha1'), value)
    const repo = fc.record({
      repo: fc.oneof(value, fc.constant('a/b')),
      type: fc.oneof(value, fc.constant('model')),
      revision: value,
      commit: fc.oneof(value, fc.constant('0'.repeat(40))),
      files: fc.oneof(
        value,
        fc.array(
          fc.oneof(
            file,
            path.map((name) => ({ path: name, sizeBytes: 1, gitSha1: '0'.repeat(40) })),
          ),
        ),
      ),
    })
    const document = fc.oneof(
      fc.string(),
      fc.json(),
      fc.array(repo).map((repos) => JSON.stringify({ lockVersion: 1, repos })),
    )
    fc.assert(
      fc.property(document, (text) => {
        const lock = tame(() => parseLockFile(text))
        for (const locked of lock?.repos ?? [])
          for (const one of locked.files) expect(findPathFault(one.path)).toBeUndefined()
      }),
      runs,
    )
  })
})

describe('fuzz: what is shown', () => {
  const secret = 'hf_abcdefGHIJKLmnopQRSTuvwx'
  const around = fc.oneof(fc.string(), fc.constantFrom('', ' ', '"', "'", ',', '=', '\n', '(', '?'))

  it('redactText: no token, password or signature, whatever stands around it', () => {
    fc.assert(
      fc.property(around, around, fc.domain(), (before, after, host) => {
        const texts = [
          `${before} ${secret} ${after}`,
          `${before} Authorization: Bearer ${secret}`,
          `${before} https://user:${secret}@${host}/x ${after}`,
          `${before} https://${host}/x?X-Amz-Signature=${secret}&a=b ${after}`,
          `${before} X-Amz-Signature=${secret}&${after}`,
          `hf://${secret}@${host}/x`,
        ]
        for (const text of texts) expect(redactText(text)).not.toContain(secret)
      }),
      runs,
    )
  })

  it('redactUrl, redactHeaders: neither user nor query, no secret header', () => {
    fc.assert(
      fc.property(
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        around,
        (url, text) => {
          const parsed = new URL(url)
          parsed.username = 'user'
          parsed.password = secret
          parsed.search = `?sig=${secret}`
          expect(redactUrl(parsed)).not.toContain(secret)
          expect(redactUrl(parsed.href)).not.toContain(secret)
          const shown = redactHeaders({ Cookie: secret, 'x-other': `${text} ${secret}` })
          expect(JSON.stringify(shown)).not.toContain(secret)
        },
      ),
      runs,
    )
  })

  it('visible: no sign that plays with a terminal, and all others as they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = visible(text)
        expect(shown).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u)
        expect(shown).toHaveLength(text.length)
      }),
      runs,
    )
  })
})
