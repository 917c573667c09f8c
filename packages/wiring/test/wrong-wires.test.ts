import { isHubError } from '@hfx/core'
import { describe, expect, it } from 'vitest'

import {
  type AnyWire,
  createApp,
  decorate,
  groupToken,
  type GroupToken,
  invoke,
  module,
  privately,
  provide,
  replace,
  supply,
  token,
  type Token,
  WiringError,
} from '../src/index.ts'
import { A, B, C } from './tokens.ts'

const STORE: Token<string, 'fileStore'> = token('fileStore')
const GROUP: GroupToken<string, 'group'> = groupToken('group')

/** The compiler would stop most of these wires; an application that reads its wires from somewhere has no compiler. */
function failureOf(wires: readonly AnyWire[]): WiringError {
  try {
    createApp(wires)
  } catch (error) {
    if (error instanceof WiringError) return error
    throw error
  }
  throw new Error('These wires were taken')
}

describe('a missing part', () => {
  it('is an error before anything is built, with the path from the invoke to what is missing', () => {
    let isBuilt = false
    const error = failureOf([
      module('app', [provide(A, { b: B }, () => 'a')]),
      provide(B, { store: STORE }, () => ((isBuilt = true), 'b')),
      invoke('main', { a: A }, () => {}),
    ])
    expect(error.message).toBe(
      'Nothing provides "fileStore": invoke main → a (module app) → b → fileStore (missing)',
    )
    expect(error.path).toEqual(['invoke main', 'a (module app)', 'b', 'fileStore'])
    expect(isHubError(error, 'HUB_WIRING')).toBe(true)
    expect(isBuilt).toBe(false)
  })

  it('names the part that was probably meant', () => {
    const FILE_STORES: Token<string, 'file-stores'> = token('file-stores')
    const error = failureOf([supply(FILE_STORES, ''), invoke('main', { s: STORE }, () => {})])
    expect(error.hint).toMatch(/^Did you mean "file-stores"\?/)
  })

  it('names no part when none is near', () => {
    const error = failureOf([supply(A, ''), invoke('main', { s: STORE }, () => {})])
    expect(error.hint).toMatch(/^Add provide\(\) or supply\(\)/)
  })

  it('does not propose what is private elsewhere', () => {
    const FILE_STORES: Token<string, 'file-stores'> = token('file-stores')
    const error = failureOf([
      module('m', [privately(supply(FILE_STORES, ''))]),
      invoke('main', { s: STORE }, () => {}),
    ])
    expect(error.hint).not.toContain('file-stores')
  })

  it('says so when the part is there but private to a module', () => {
    const error = failureOf([
      module('disk', [privately(supply(STORE, ''))]),
      invoke('main', { s: STORE }, () => {}),
    ])
    expect(error.hint).toMatch(/^"fileStore" is private to module disk;/)
  })

  it('is reported with all the others at once', () => {
    const error = failureOf([invoke('main', { a: A, b: B }, () => {})])
    expect(error.message.split('\n')).toEqual([
      '2 wires are missing',
      'Nothing provides "a": invoke main → a (missing)',
      'Nothing provides "b": invoke main → b (missing)',
    ])
  })

  it('does no harm where nothing needs it', () => {
    expect(() => createApp([provide(A, { b: B }, () => '')] as readonly AnyWire[])).not.toThrow()
  })

  it('is an error of a decorator and of a replacement as well', () => {
    expect(failureOf([module('m', [decorate(A, { a: A }, () => '')])]).message).toBe(
      'Nothing provides "a": decorator of a (module m) → a (missing)',
    )
    expect(failureOf([replace(A, '')]).message).toMatch(/replacement of a → a \(missing\)/)
    expect(
      failureOf([supply(A, ''), decorate(A, { b: B }, () => ''), invoke('i', { a: A }, () => {})])
        .message,
    ).toBe('Nothing provides "b": invoke i → decorator of a → b (missing)')
  })
})

describe('a cycle', () => {
  it('is named part by part', () => {
    const error = failureOf([
      provide(A, { b: B }, () => ''),
      module('m', [provide(B, { c: C }, () => '')]),
      provide(C, { a: A }, () => ''),
      invoke('main', { a: A }, () => {}),
    ])
    expect(error.message).toBe('Parts need each other in a circle: a → b (module m) → c → a')
  })

  it('is found even where nothing needs it, and of one part alone', () => {
    expect(failureOf([provide(A, { a: A }, () => '')]).path).toEqual(['a', 'a'])
  })

  it('is found through a decorator', () => {
    const error = failureOf([
      supply(A, ''),
      provide(B, { a: A }, () => ''),
      decorate(A, { b: B }, () => ''),
    ])
    expect(error.message).toContain('decorator of a')
  })
})

describe('two wires that disagree', () => {
  it.each<[string, readonly AnyWire[], string]>([
    [
      'the same part provided in two modules',
      [module('x', [supply(A, '')]), module('y', [provide(A, {}, () => '')])],
      '"a" is provided twice in module x and in module y',
    ],
    [
      'the same private part provided twice in a module',
      [module('x', [privately(supply(A, '')), privately(supply(A, ''))])],
      '"a" is provided twice in module x',
    ],
    [
      'a part decorated twice in one module',
      [supply(A, ''), module('m', [replace(A, ''), decorate(A, {}, () => '')])],
      '"a" is decorated twice in module m',
    ],
    [
      'two tokens of one name',
      [supply(A, ''), supply(token<number>('a'), 1)],
      'Two different tokens are called "a"',
    ],
    [
      'a token and a group of one name',
      [supply(token<number>('group'), 1), replace(GROUP, [])],
      'Two different tokens are called "group"',
    ],
  ])('is refused: %s', (_title, wires, message) => {
    expect(failureOf(wires).message).toBe(message)
  })
})

describe('what the compiler cannot see', () => {
  it('is named: an undefined token or wire, as imports in a circle leave them', () => {
    const missing = new Map<string, typeof A>()
    // @ts-expect-error the token may be undefined
    expect(() => provide(B, { a: missing.get('a') }, () => '')).toThrow('The need "a" is undefined')
    const wires = new Map<string, AnyWire>()
    // @ts-expect-error the wire may be undefined
    expect(() => createApp([supply(A, ''), wires.get('x')])).toThrow(
      'Wire 2 of the application is undefined',
    )
    // @ts-expect-error a name is no wire
    expect(() => createApp([module('m', [{}])])).toThrow('Wire 1 of module m is no wire')
  })
})

describe('options', () => {
  it.each([0, -1, Number.NaN, 2 ** 31])('refuses %s milliseconds as a time', (timeoutMs) => {
    expect(() => createApp([], { startTimeoutMs: timeoutMs })).toThrow('startTimeoutMs is')
    expect(() => createApp([], { stopTimeoutMs: timeoutMs })).toThrow('stopTimeoutMs is')
  })
})
