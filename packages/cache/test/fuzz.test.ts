import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findPathFault, isCommitHash, isHubError, silentLogger } from '@hfx/core'
import { fuzzRuns, tame, useTempDir } from '@hfx/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRepoFolderName, pointerPath, repoFolderName } from '../src/layout.ts'
import { localFilePath } from '../src/local-layout.ts'
import { parseMetadata, readMetadata } from '../src/local-metadata.ts'
import { openTreeFile, parseTree, readTreePages, readWhole } from '../src/open-tree.ts'
import { readRef } from '../src/revision-ref.ts'
import { parseLockOwner } from '../src/soft-lock.ts'
import { findNameFaults } from '../src/target-names.ts'

const runs = fuzzRuns()
/** Those that write files. */
const fewer = { ...runs, numRuns: Math.ceil(runs.numRuns / 3) }
const commit = fc.oneof(fc.string(), fc.constant('0'.repeat(40)), fc.constant('G'.repeat(40)))
const path = fc.oneof(
  fc.string(),
  fc
    .array(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '\\',
        'C:',
        'a',
        '\0',
        '',
        '.cache',
        'huggingface',
        ' ',
        '~1',
        '\u200D',
      ),
    )
    .map((parts) => parts.join('')),
)
const bytes = fc.uint8Array({ maxLength: 300 })

describe('fuzz: names', () => {
  it('pointerPath, localFilePath: inside the folder, or an error', () => {
    fc.assert(
      fc.property(path, (name) => {
        const at = { commit: '0'.repeat(40), path: name }
        const repo = { type: 'model', id: 'a/b' } as const
        const pointer = tame(() => pointerPath('/cache', repo, at))
        if (pointer !== undefined)
          expect(pointer.startsWith(`/cache/models--a--b/snapshots/${at.commit}/`)).toBe(true)
        const local = tame(() => localFilePath('/cache', name))
        if (local === undefined) return
        expect(local.startsWith('/cache/')).toBe(true)
        expect(local.toLowerCase()).not.toMatch(/^\/cache\/\.cache\/huggingface(?:\/|$)/)
      }),
      runs,
    )
  })

  it('parseRepoFolderName: a repository whose folder has that name, or none', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          path,
          fc.string().map((text) => `models--${text}`),
        ),
        (name) => {
          const repo = parseRepoFolderName(name)
          if (repo) expect(repoFolderName(repo)).toBe(name)
        },
      ),
      runs,
    )
  })

  it('findNameFaults: an answer for every listing and volume', () => {
    fc.assert(
      fc.property(fc.array(path), fc.boolean(), fc.boolean(), (paths, windows, foldsCase) => {
        const faults = findNameFaults(paths, { windows, foldsCase })
        for (const fault of faults) expect(paths).toContain(fault.path)
      }),
      runs,
    )
  })
})

describe('fuzz: files beside the bytes', () => {
  it('parseMetadata: a commit, an ETag and a time, or nothing', () => {
    const seconds = fc.oneof(fc.string(), fc.double().map(String))
    fc.assert(
      fc.property(
        fc.tuple(commit, fc.string(), seconds),
        fc.constantFrom('\n', '\r\n', ' '),
        (lines, end) => {
          const metadata = parseMetadata([...lines, ''].join(end))
          if (!metadata) return
          expect(isCommitHash(metadata.commit)).toBe(true)
          expect(Number.isFinite(metadata.writtenAtSeconds)).toBe(true)
        },
      ),
      runs,
    )
  })

  it('parseTree: files inside the repository, nothing, or a TypeError', async () => {
    const entry = fc.dictionary(
      fc.constantFrom('size', 'blob_id', 'lfs_sha256', 'lfs_size', 'xet_hash'),
      fc.oneof(fc.jsonValue(), fc.constant('0'.repeat(40)), fc.nat()),
    )
    const version = fc.oneof(fc.constant<unknown>(1), fc.jsonValue())
    const file = join(await useTempDir(), 'file')
    await fc.assert(
      fc.asyncProperty(fc.dictionary(path, entry), version, async (files, format_version) => {
        const document = { format_version, files }
        await writeFile(file, JSON.stringify(document, null, 1))
        try {
          const whole = await readWhole(tame(() => parseTree(document)))
          for (const one of whole ?? []) expect(findPathFault(one.path)).toBeUndefined()
          // The same as a larger one is read: in pieces that end anywhere.
          const pages = readTreePages(file, { pageBytes: 16 })
          for await (const page of { [Symbol.asyncIterator]: () => pages })
            for (const one of page) expect(findPathFault(one.path)).toBeUndefined()
        } catch (error) {
          expect(
            isHubError(error) || error instanceof TypeError || error instanceof SyntaxError,
          ).toBe(true)
        }
      }),
      fewer,
    )
  })

  it('parseLockOwner: a process and its host, or nobody', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.tuple(fc.integer(), fc.string()).map((pair) => pair.join('\n')),
        ),
        (text) => {
          const owner = parseLockOwner(text)
          if (owner) expect(Number.isSafeInteger(owner.pid) && owner.pid >= 0).toBe(true)
        },
      ),
      runs,
    )
  })

  it('readRef, readMetadata, openTreeFile: any bytes at all on the disk', async () => {
    const file = join(await useTempDir(), 'file')
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        await writeFile(file, content)
        const ref = await readRef(file)
        if (ref) expect(isCommitHash(ref.commit)).toBe(true)
        await readMetadata(file, silentLogger)
        await openTreeFile(file, silentLogger)
      }),
      fewer,
    )
  })
})
