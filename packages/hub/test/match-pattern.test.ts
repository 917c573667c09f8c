import { readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { array, constantFrom, sample, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePattern } from '../src/match-pattern.ts'

interface Fixture {
  readonly paths: readonly string[]
  readonly rows: readonly { readonly pattern: string; readonly matches: readonly string[] }[]
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('fixtures/fnmatch.json', import.meta.url), 'utf8'),
)

describe('patterns mean what Python says (case 48)', () => {
  it.each(fixture.rows)('$pattern', ({ pattern, matches }) => {
    expect(fixture.paths.filter(compilePattern(pattern))).toEqual(matches)
  })

  it('agrees with a Python on this machine for random patterns', (context) => {
    const chars = [
      'a',
      'b',
      'c',
      '/',
      '*',
      '?',
      '[',
      ']',
      '!',
      '-',
      '^',
      '.',
      '\\',
      '{',
      '(',
      '|',
      '\n',
    ]
    const text = array(constantFrom(...chars), { maxLength: 9 }).map((list) => list.join(''))
    const cases = sample(tuple(text, text), { numRuns: 4000, seed: 48 })
    const script =
      'import sys,json,fnmatch\n' +
      'def ok(p,s):\n p=p.replace(chr(92),"/");p=p+"*" if p.endswith("/") else p\n return fnmatch.fnmatchcase(s.replace(chr(92),"/"),p)\n' +
      'print(json.dumps([ok(p,s) for p,s in json.load(sys.stdin)]))'
    const python = spawnSync('python3', ['-c', script], {
      input: JSON.stringify(cases),
      encoding: 'utf8',
    })
    if (python.status !== 0) return context.skip('no python3 on this machine')
    const expected: readonly boolean[] = JSON.parse(python.stdout)
    const wrong = cases.filter(
      ([pattern, path], at) => compilePattern(pattern)(path) !== expected[at],
    )
    expect(wrong).toEqual([])
  })

  it('takes no more than pattern × path steps for a hostile name', () => {
    const pattern = `${'*a'.repeat(40)}b`
    expect(compilePattern(pattern)('a'.repeat(5_000))).toBe(false)
  })
})
