import { describe, expect, it } from 'vitest'
import { checkRepoPath } from '../src/index.ts'
import { unsafeNames } from './unsafe-names.ts'

describe('case 71: a name that could leave its folder, on any system', () => {
  it.each(unsafeNames)('%j is refused', (name) => {
    expect(() => checkRepoPath(name)).toThrow(/name|path/)
  })

  it.each(['a/b', 'a..b', '...', './a', 'a//b', 'aa:b', ':x', 'NUL', 'con', '~/.x', 'é/日本'])(
    '%j is taken',
    (name) => {
      expect(checkRepoPath(name)).toBe(name)
    },
  )
})
