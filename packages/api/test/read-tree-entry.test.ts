import { HubError, type RepoFile } from '@hfx/core'
import { assert, jsonValue, oneof, property, stringMatching, subarray, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTreeEntry } from '../src/read-tree-entry.ts'
import { responseOf } from './fixtures.ts'

const oid = 'ce013625030ba8dba906f756967f9e9ca394464a'
const sha256 = 'fbbab289f7f94b25736c58be46a994c441fd02552cc6022352e3d86d2fab7c83'
const file = { type: 'file', path: 'sub/x.bin', size: 12, oid }
const lfs = { oid: sha256, size: 1_000_000, pointerSize: 132 }
const response = responseOf({})
const read = (entry: unknown): RepoFile | undefined => readTreeEntry(entry, response)
const refused = (code: string): unknown => expect.objectContaining({ code })

describe('an entry of a listing', () => {
  it('is a git file', () => {
    expect(read({ ...file, unknown: [] })).toEqual({
      path: 'sub/x.bin',
      sizeBytes: 12,
      blobId: oid,
    })
  })

  it('is an LFS file with the size of its content', () => {
    const found = read({ ...file, lfs, xetHash: 'ab'.repeat(32) })
    expect(found).toEqual({
      path: 'sub/x.bin',
      sizeBytes: 1_000_000,
      blobId: oid,
      lfs: { sha256, sizeBytes: 1_000_000 },
      xetHash: 'ab'.repeat(32),
    })
  })

  it('takes a sha256 with its prefix, as pointers write it', () => {
    expect(read({ ...file, lfs: { ...lfs, oid: `sha256:${sha256}` } })?.lfs?.sha256).toBe(sha256)
  })

  it.each([null, undefined])('is a git file when lfs is %s', (value) => {
    expect(read({ ...file, lfs: value })?.lfs).toBeUndefined()
  })

  it.each(['*'.repeat(64), 'ab'.repeat(31), '', 7, null])(
    'case 46: drops the masked Xet hash %s',
    (xetHash) => {
      expect(read({ ...file, lfs, xetHash })).not.toHaveProperty('xetHash')
    },
  )

  it.each(['directory', 'commit', 'symlink', undefined, 7])(
    'is left out when its type is %s',
    (type) => {
      expect(read({ ...file, type })).toBeUndefined()
    },
  )

  it.each([
    '../x', 'a/../../x', 'C:\\x', 'C:/x', 'a/C:b', '/etc/passwd', '//srv/share/x', '\\\\host\\x', '\\x',
    'a\\..\\x', '..', '', '.', 'x\0y',
  ])('case 73: refuses the name %j', (path) => {
    expect(() => read({ ...file, path })).toThrowError(refused('HUB_UNSAFE_PATH'))
  }) // prettier-ignore

  it.each([
    ['null', null],
    ['a list', []],
    ['a text', 'x'],
    ['no path', { ...file, path: undefined }],
    ['a path that is a number', { ...file, path: 1 }],
    ['no size', { ...file, size: undefined }],
    ['a negative size', { ...file, size: -1 }],
    ['a broken size', { ...file, size: 1.5 }],
    ['a size past all numbers', { ...file, size: 2 ** 60 }],
    ['a size that is a text', { ...file, size: '12' }],
    ['no object id', { ...file, oid: undefined }],
    ['an object id that is a path', { ...file, oid: '../../x' }],
    ['an object id in capitals', { ...file, oid: oid.toUpperCase() }],
    ['LFS as text', { ...file, lfs: 'yes' }],
    ['LFS as list', { ...file, lfs: [] }],
    ['LFS without sha256', { ...file, lfs: { size: 1 } }],
    ['LFS with a short sha256', { ...file, lfs: { ...lfs, oid: sha256.slice(1) } }],
    ['LFS with a path as sha256', { ...file, lfs: { ...lfs, oid: `../${sha256}` } }],
    ['LFS without size', { ...file, lfs: { oid: sha256 } }],
    ['LFS with a negative size', { ...file, lfs: { ...lfs, size: -5 } }],
  ])('is refused with %s', (_name, entry) => {
    expect(() => read(entry)).toThrowError(refused('HUB_BAD_RESPONSE'))
  })

  it('never lets a name through that leads out of its folder', () => {
    assert(
      property(stringMatching(/^[a.:/\\]{0,12}$/), (name) => {
        const { path, error } = attempt({ ...file, path: name })
        expect((path ?? '').split(/[/\\]/)).not.toContain('..')
        expect(path ?? '').not.toMatch(/^[/\\]|^.:/)
        expect([undefined, 'HUB_UNSAFE_PATH']).toContain(error)
      }),
      { numRuns: 2000 },
    )
  })

  it('of any JSON is a file, nothing, or an error of ours', () => {
    const keys = ['type', 'path', 'size', 'oid', 'lfs', 'xetHash']
    const entry = tuple(subarray(keys), jsonValue()).map(([chosen, value]) => ({
      ...file,
      ...Object.fromEntries(chosen.map((key) => [key, value])),
    }))
    assert(
      property(oneof(entry, jsonValue()), (value) => {
        expect([undefined, 'HUB_UNSAFE_PATH', 'HUB_BAD_RESPONSE']).toContain(attempt(value).error)
      }),
      { numRuns: 1000 },
    )
  })
})

function attempt(entry: unknown): { readonly path?: string | undefined; readonly error?: unknown } {
  try {
    return { path: read(entry)?.path }
  } catch (error) {
    return { error: error instanceof HubError ? error.code : error }
  }
}
