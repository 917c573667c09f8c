import {
  anything,
  assert,
  asyncProperty,
  constantFrom,
  double,
  nat,
  oneof,
  property,
  string,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  explainConfig,
  formatValue,
  optionNames,
  parseBytes,
  parseDuration,
  parsePolicy,
  resolveConfig,
  vocabulary,
} from '../src/index.ts'
import { samples } from './support/sample-values.ts'

const runs = { numRuns: 200 }

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['1000', 1000],
    ['20MB', 20_000_000],
    ['20mb/s', 20_000_000],
    ['64MiB', 67_108_864],
    ['1.5 k', 1500],
    ['2g', 2e9],
    ['1TiB', 2 ** 40],
    ['-1', undefined],
    ['1e3', undefined],
    ['1 parsec', undefined],
    ['MB', undefined],
    ['', undefined],
  ])('%j is %j bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  it('is a whole number of bytes or nothing, whatever the text', () => {
    assert(
      property(string({ maxLength: 20 }), (text) => {
        const bytes = parseBytes(text)
        expect(bytes === undefined || (Number.isInteger(bytes) && bytes >= 0)).toBe(true)
      }),
      runs,
    )
  })

  it('reads what it is told in any unit', () => {
    const units = constantFrom(['B', 1], ['kB', 1e3], ['MiB', 2 ** 20], ['GB', 1e9] as const)
    assert(
      property(nat({ max: 1000 }), units, (count, [unit, factor]) => {
        expect(parseBytes(`${count}${unit}`)).toBe(count * factor)
      }),
      runs,
    )
  })
})

describe('times', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['5min', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1.5s', 1500],
    ['40', 40],
    ['5 weeks', undefined],
    ['', undefined],
    ['s', undefined],
  ])('%j is %j milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it('counts a plain number in the unit of the variable', () => {
    assert(
      property(nat({ max: 1e6 }), (count) => {
        expect(parseDuration(String(count), 1000)).toBe(count * 1000)
        expect(parseDuration(`${count}ms`, 1000)).toBe(count)
      }),
      runs,
    )
  })
})

describe('policies', () => {
  it.each([
    ['network', { kind: 'network' }],
    ['Cache-First', { kind: 'cache-first' }],
    ['cache-only', { kind: 'cache-only' }],
    ['revalidate', { kind: 'revalidate', ttlMs: 0 }],
    ['revalidate=30s', { kind: 'revalidate', ttlMs: 30_000 }],
    ['revalidate=', undefined],
    ['revalidate=1h=2h', undefined],
    ['network=1h', undefined],
    ['always', undefined],
  ])('%j is %j', (text, policy) => {
    expect(parsePolicy(text)).toEqual(policy)
  })
})

describe('values of options', () => {
  it.each(optionNames)('%s: what is written is read as the same', async (name) => {
    const { value } = samples[name]
    const { values } = await resolveConfig({ env: {}, call: { [name]: formatValue(value) } })
    expect(values[name]?.value).toEqual(value)
  })

  it('whatever somebody gives, there is a value of its kind or an error of ours', async () => {
    const given = oneof(string({ maxLength: 12 }), double(), anything({ maxDepth: 1 }))
    await assert(
      asyncProperty(constantFrom(...optionNames), given, async (name, value) => {
        const made = await resolveConfig({ env: {}, call: { [name]: value } }).catch(
          (error: unknown) => error,
        )
        const code: unknown = made instanceof Error && 'code' in made ? made.code : 'fine'
        expect(['fine', 'HUB_INVALID_CONFIG']).toContain(code)
      }),
      { numRuns: 500 },
    )
  })

  it.each(optionNames.filter((name) => vocabulary[name].kind === 'duration'))(
    '%s fits a timer: longer ones would fire at once',
    async (name) => {
      const make = (value: unknown) => resolveConfig({ env: {}, call: { [name]: value } })
      await expect(make(2 ** 31 - 1)).resolves.toBeDefined()
      await expect(make(2 ** 31)).rejects.toThrow('at most 24d')
      await expect(make('25d')).rejects.toThrow('at most 24d')
    },
  )
})

describe('explaining', () => {
  it('gives every option its value and source, and shows no secret', async () => {
    const { values } = await resolveConfig({
      env: { HF_TOKEN: 'hf_very_secret' },
      client: { proxy: 'http://user:pw@proxy.example', connections: 3 },
    })
    const rows = explainConfig(values)
    expect(rows.map(({ option }) => option)).toEqual(optionNames)
    const of = (name: string) => rows.find(({ option }) => option === name)
    expect(of('token')).toEqual({
      option: 'token',
      value: '(set)',
      source: 'HF_TOKEN',
      masked: true,
    })
    expect(of('proxy')).toMatchObject({ value: '(set)', source: 'client', masked: true })
    expect(of('connections')).toMatchObject({ value: 3, source: 'client', masked: false })
    expect(of('maxRetries')).toMatchObject({ value: 5, source: 'default' })
    expect(of('localDir')).toEqual({ option: 'localDir', value: null, source: null, masked: false })
    expect(JSON.stringify(rows)).not.toMatch(/very_secret|pw@/)
  })
})
