import { join, sep } from 'node:path'
import type { RepoFile } from '@hfx/core'
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  nat,
  property,
  record,
  string,
  tuple,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blobPath, noExistPath, pointerPath, pointerTarget, refPath } from '../src/layout.ts'
import { localFilePath, metadataPath } from '../src/local-layout.ts'
import { splitTree } from '../src/split-tree.ts'
import { parseMembers } from '../src/tree-entry.ts'
import { formatTree } from '../src/write-tree.ts'
import { commitC, repo } from './subjects.ts'

const pieces = constantFrom(
  '..',
  '.',
  '/',
  '\\',
  'a',
  'C:',
  '\0',
  '//',
  ' ',
  '.cache',
  'é',
  ':',
  '~',
)
const names = array(pieces, { maxLength: 8 }).map((parts) => parts.join(''))

/** The path, or undefined when it was refused. */
function attempt(build: () => string): string | undefined {
  try {
    return build()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

describe('properties', () => {
  it('SE-2: whatever a server sends, every path is refused or inside its folder', () => {
    const inside = (folder: string, path: string | undefined): boolean =>
      path === undefined || (path.startsWith(`${folder}${sep}`) && !path.includes('\0'))
    assert(
      property(names, (name) => {
        const at = { commit: commitC, path: name }
        const folder = join('/r', 'models--a--b')
        expect(
          inside(
            join(folder, 'snapshots', commitC),
            attempt(() => pointerPath('/r', repo, at)),
          ),
        ).toBe(true)
        expect(
          inside(
            join(folder, '.no_exist', commitC),
            attempt(() => noExistPath('/r', repo, at)),
          ),
        ).toBe(true)
        expect(
          inside(
            join(folder, 'refs'),
            attempt(() => refPath('/r', repo, name)),
          ),
        ).toBe(true)
        expect(
          inside(
            join(folder, 'blobs'),
            attempt(() => blobPath('/r', repo, name)),
          ),
        ).toBe(true)
        expect(
          inside(
            '/d',
            attempt(() => localFilePath('/d', name)),
          ),
        ).toBe(true)
        const records = '/d/.cache/huggingface/download'
        expect(
          inside(
            records,
            attempt(() => metadataPath('/d', name)),
          ),
        ).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('case 4: a link says the way from its folder to the blob, however deep it is', () => {
    const segment = constantFrom('a', 'b.c', 'weird name#?', 'ü')
    assert(
      property(array(segment, { minLength: 1, maxLength: 9 }), (segments) => {
        const at = { commit: commitC, path: segments.join('/') }
        const pointer = pointerPath('/r', repo, at)
        const target = join(pointer, '..', pointerTarget(at.path, 'e'.repeat(40)))
        expect(target).toBe(blobPath('/r', repo, 'e'.repeat(40)))
      }),
      { numRuns: 100 },
    )
  })

  it('case 44: any listing comes back as it was stored, however its text is cut into chunks', async () => {
    const path = tuple(nat(999), string({ unit: 'grapheme', minLength: 1, maxLength: 8 })).map(
      ([index, text]) => `f${index}/${text.replaceAll(/[./\\:\0]/g, '_')}`,
    )
    const hex = (length: number) =>
      array(nat(15), { minLength: length, maxLength: length }).map((all) =>
        all.map((digit) => digit.toString(16)).join(''),
      )
    const entry = record({ path, sizeBytes: nat(), blobId: hex(40) })
    await assert(
      asyncProperty(
        array(entry, { maxLength: 12 }),
        integer({ min: 1, max: 90 }),
        async (entries, size) => {
          const files: readonly RepoFile[] = [
            ...new Map(entries.map((one) => [one.path, one])).values(),
          ]
          let text = ''
          for await (const piece of formatTree(files)) text += piece
          const read = new Map<string, RepoFile>()
          const parts = splitTree(chunksOf(text, size))
          let next = await parts.next()
          for (; !next.done; next = await parts.next()) {
            for (const one of parseMembers(JSON.parse(`{${next.value}}`))) read.set(one.path, one)
          }
          expect(JSON.parse(next.value)).toEqual({ format_version: 1, files: {} })
          expect(read).toEqual(new Map(files.map((one) => [one.path, one])))
        },
      ),
      { numRuns: 100 },
    )
  })
})

async function* chunksOf(text: string, size: number): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += size) yield text.slice(start, start + size)
}
