import { describe, expect, it } from 'vitest'
import { checkRepoPath } from '../src/index.ts'

const refused: readonly string[] = [
  '..',
  'a/../b',
  '..\\..\\x',
  'folder\\..\\..\\x',
  '/etc/passwd',
  '/',
  '//srv/share/x',
  'C:\\x',
  'C:/x',
  'C:foo',
  'a/C:b',
  'a:b',
  'a/b:c',
  '\\\\host\\share\\x',
  '\\x',
  'a/\\b',
  'folder/C:\\x',
]

describe('case 71: a name that could leave its folder, on any system', () => {
  it.each(refused)('%j is refused', (name) => {
    expect(() => checkRepoPath(name)).toThrow(/name|path/)
  })

  it.each(['a/b', 'a..b', '...', './a', 'a//b', 'aa:b', ':x', 'NUL', 'con', '~/.x', 'é/日本'])(
    '%j is taken',
    (name) => {
      expect(checkRepoPath(name)).toBe(name)
    },
  )
})
