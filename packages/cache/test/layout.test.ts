import { describe, expect, it } from 'vitest'
import type { RepoRef, RepoType } from '@hfx/core'
import {
  blobPath,
  lockPath,
  noExistPath,
  parseRepoFolderName,
  pointerPath,
  pointerTarget,
  refPath,
  repoFolderName,
  sharedBlobPath,
  treePath,
} from '../src/layout.ts'
import { localFilePath, localRefPath, localStageStem, metadataPath } from '../src/local-layout.ts'
import { checkTargetNames, findNameFaults } from '../src/target-names.ts'

const repo: RepoRef = { type: 'model', id: 'a/b' }
const commit = 'c'.repeat(40)
const etag = 'cb5b2f69babc53f9145b45ad20b9a075d48717ef'

describe('layout of the Hub cache', () => {
  it.each<[RepoType, string, string]>([
    ['model', 'a/b', 'models--a--b'],
    ['dataset', 'a/b', 'datasets--a--b'],
    ['space', 'a/b', 'spaces--a--b'],
    ['kernel', 'a/b', 'kernels--a--b'],
    ['model', 'julien-c/EsperBERTo-small', 'models--julien-c--EsperBERTo-small'],
    ['dataset', 'datasets/foo', 'datasets--datasets--foo'],
  ])('case 12: names the folder of %s %s', (type, id, name) => {
    expect(repoFolderName({ type, id })).toBe(name)
    expect(parseRepoFolderName(name)).toEqual({ type, id })
  })

  it('case 13: names the folder of a repository without a namespace', () => {
    expect(repoFolderName({ type: 'model', id: 'gpt2' })).toBe('models--gpt2')
    expect(parseRepoFolderName('models--gpt2')).toEqual({ type: 'model', id: 'gpt2' })
  })

  it('names the folder of what the reference says now, also where one object is used for many repositories', () => {
    const changing: { type: RepoType; id: string } = { type: 'model', id: 'a/b' }
    expect(repoFolderName(changing)).toBe('models--a--b')
    changing.id = 'c/d'
    expect(repoFolderName(changing)).toBe('models--c--d')
    changing.type = 'dataset'
    expect(repoFolderName(changing)).toBe('datasets--c--d')
  })

  it.each(['models', 'buckets--a--b', 'a--b', 'models--', 'models--a--b--c', '.locks'])(
    'takes %s for no repository folder',
    (name) => {
      expect(parseRepoFolderName(name)).toBeUndefined()
    },
  )

  it.each([
    ['config.json', `../../blobs/${etag}`],
    ['sub/dir/x.txt', `../../../../blobs/${etag}`],
    ['a//b', `../../../blobs/${etag}`],
    ['./a', `../../blobs/${etag}`],
  ])('case 4: a link at %s says %s', (path, target) => {
    expect(pointerTarget(path, etag)).toBe(target)
  })

  it('knows every place', () => {
    const at = { commit, path: 'sub/x' }
    expect(blobPath('/r', repo, etag)).toBe(`/r/models--a--b/blobs/${etag}`)
    expect(pointerPath('/r', repo, at)).toBe(`/r/models--a--b/snapshots/${commit}/sub/x`)
    expect(refPath('/r', repo, 'refs/pr/1')).toBe('/r/models--a--b/refs/refs/pr/1')
    expect(noExistPath('/r', repo, at)).toBe(`/r/models--a--b/.no_exist/${commit}/sub/x`)
    expect(treePath('/r', repo, commit)).toBe(`/r/models--a--b/trees/${commit}.json`)
    expect(lockPath('/r', repo, etag)).toBe(`/r/.locks/models--a--b/${etag}.lock`)
    expect(sharedBlobPath('/r', 'ab'.repeat(32))).toBe(`/r/blobs/ab/${'ab'.repeat(32)}`)
  })

  it.each(['../../../x', 'C'.repeat(40), 'main', '', `${commit}\n`])(
    'case 72: refuses the commit %j',
    (bad) => {
      const at = { commit: bad, path: 'x' }
      expect(() => pointerPath('/r', repo, at)).toThrow('commit')
      expect(() => noExistPath('/r', repo, at)).toThrow('commit')
      expect(() => treePath('/r', repo, bad)).toThrow('commit')
    },
  )

  it.each(['..', '../x', '/x', 'a/../../x', 'C:/x', ''])(
    'weak point 6: refuses the revision %j as a path below refs',
    (revision) => {
      expect(() => refPath('/r', repo, revision)).toThrow('revision')
    },
  )
})

describe('layout of a local folder', () => {
  it('names partials after a short hash of the name, as Python does', () => {
    expect(localStageStem('sub/file.txt', etag)).toBe(`-cBLXcT-p5K-naX2rfKJhBZ6mEc=.${etag}`)
  })

  it('WI-3: the name of a partial stays short, however long the name of its file is', () => {
    const stem = localStageStem('n'.repeat(255), 'e'.repeat(64))
    expect(`${stem}.01234567.incomplete`.length).toBeLessThan(128)
  })

  it('keeps metadata and refs of a folder in .cache/huggingface', () => {
    expect(metadataPath('/d', 'a/x.txt')).toBe('/d/.cache/huggingface/download/a/x.txt.metadata')
    expect(localRefPath('/d', repo, 'main')).toBe('/d/.cache/huggingface/refs/models--a--b/main')
  })

  it.each([
    '.cache/huggingface/download/x.metadata',
    '.CACHE/HuggingFace/x',
    './.cache//huggingface/y',
  ])('refuses %s, with which a repository would write its own metadata', (path) => {
    expect(() => localFilePath('/d', path)).toThrow('.cache/huggingface')
  })

  it('allows .cache beside it', () => {
    expect(localFilePath('/d', '.cache/other/x')).toBe('/d/.cache/other/x')
  })
})

describe('names that a volume cannot hold', () => {
  const windows = { windows: true, foldsCase: true }
  it.each([
    'aux',
    'sub/NUL.txt',
    'COM1',
    'lpt9.bin',
    'a/trailing.',
    'space /x',
    'a<b',
    'what?',
    'q"q',
    'back\\slash',
    'tab\there',
  ])('WI-4: Windows cannot hold %j', (path) => {
    expect(findNameFaults([path], windows)).toHaveLength(1)
    expect(findNameFaults([path], { windows: false, foldsCase: false })).toEqual([])
  })

  it.each(['auxiliary', 'nul-ls.txt', 'com10', '.hidden', 'a.b/c.d', 'con2/x'])(
    'WI-4: Windows can hold %j',
    (path) => {
      expect(findNameFaults([path], windows)).toEqual([])
    },
  )

  it.each([
    ['README.md', 'readme.md'],
    ['sub/Ä.txt', 'sub/A\u0308.txt'],
    ['K', '\u212a'],
  ])('weak point 35: %j and %j are one file where case and spelling are folded', (one, other) => {
    const rules = { windows: false, foldsCase: true }
    expect(findNameFaults([one, other], rules).map(({ path }) => path)).toEqual([other])
    expect(findNameFaults([one, other], { ...rules, foldsCase: false })).toEqual([])
    expect(findNameFaults([one, one], rules)).toEqual([])
  })

  it('refuses a name of more than 255 bytes everywhere', () => {
    const rules = { windows: false, foldsCase: false }
    expect(findNameFaults([`a/${'é'.repeat(128)}`], rules)).toHaveLength(1)
    expect(findNameFaults([`a/${'é'.repeat(127)}`], rules)).toEqual([])
  })

  it('names up to five of them in one error', () => {
    const paths = ['aux', 'con', 'nul', 'prn', 'com1', 'com2', 'fine']
    expect(() => checkTargetNames(paths, windows)).toThrow(/"aux".*"com1".*and 1 more/)
  })
})
