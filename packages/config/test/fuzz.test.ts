import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fuzzRuns, tame, tameLater, useTempDir } from '@hfx/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkToken } from '../src/found-token.ts'
import {
  formatStoredTokens,
  optionNames,
  parseStoredTokens,
  readConfigFile,
  readEnvironment,
  toProfileName,
  vocabulary,
} from '../src/index.ts'
import { parseText, parseValue } from '../src/parse-value.ts'

const runs = fuzzRuns()
const fewer = { ...runs, numRuns: Math.ceil(runs.numRuns / 3) }
const variables = optionNames.flatMap((name) => vocabulary[name].env ?? [])
const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '1',
    '0',
    'true',
    '10GB',
    '5s',
    '-1',
    '1e999',
    'network',
    '~',
    '$HOME',
    '\0',
    '../..',
    'socks5://x',
  ),
  fc.webUrl(),
)

describe('fuzz: what is set for us', () => {
  it('readEnvironment: settings, or an error that names the variable', () => {
    expect(variables.length).toBeGreaterThan(20)
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...variables, '__proto__', 'HF_HOME'), text),
        (env) => {
          tame(() => readEnvironment(env))
        },
      ),
      runs,
    )
  })

  it('parseText, parseValue: a value of the right kind, or what was expected', () => {
    fc.assert(
      fc.property(fc.constantFrom(...optionNames), text, fc.anything(), (name, words, value) => {
        for (const parsed of [
          parseText(vocabulary[name], words),
          parseValue(vocabulary[name], value),
        ])
          expect('value' in parsed || typeof parsed.expected === 'string').toBe(true)
      }),
      runs,
    )
  })

  it.each(['json', 'yaml', 'toml'])('readConfigFile: any text that ends in .%s', async (ending) => {
    const file = join(await useTempDir(), `hfx.config.${ending}`)
    const words = fc.array(
      fc.constantFrom(
        'a',
        'token',
        'endpoint',
        'proxy',
        ':',
        '=',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '\n',
        ' ',
        '&x',
        '*x',
        '<<',
        '!!js',
        '---',
        '#',
        '1',
        ',',
        '-',
        '|',
        'null',
        '\t',
        '__proto__',
      ),
    )
    const document = fc
      .dictionary(fc.oneof(fc.constantFrom(...optionNames), fc.string()), fc.jsonValue())
      .map((value) => JSON.stringify(value))
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          document,
          words.map((parts) => parts.join('')),
        ),
        async (content) => {
          await writeFile(file, content)
          await tameLater(() => readConfigFile(file))
          expect('polluted' in {}).toBe(false)
        },
      ),
      fewer,
    )
  })

  it('SE-4: a YAML bomb of aliases is refused', async () => {
    const file = join(await useTempDir(), 'hfx.config.yaml')
    const rows = Array.from(
      { length: 20 },
      (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`,
    )
    await writeFile(file, ['a0: &a0 x', ...rows].join('\n'))
    await expect(readConfigFile(file)).rejects.toMatchObject({ code: 'HUB_INVALID_CONFIG' })
  })
})

describe('fuzz: tokens', () => {
  it('parseStoredTokens: every login that was written, whatever lies between', () => {
    const name = fc
      .string()
      .map(toProfileName)
      .filter((found) => found !== undefined)
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.string(), (names, noise) => {
        expect(Array.isArray(parseStoredTokens(noise))).toBe(true)
        const profiles = names.map((one, at) => ({ name: one, values: { hf_token: `hf_${at}` } }))
        const read = parseStoredTokens(formatStoredTokens(profiles))
        expect(new Map(read.map((one) => [one.name, one.values]))).toEqual(
          new Map(profiles.map((one) => [one.name, one.values])),
        )
      }),
      runs,
    )
  })

  it('checkToken: what can stand in a header, or an error without it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), (token) => {
        try {
          expect(checkToken(token, 'a test').reveal()).toMatch(/^[\x21-\x7e]+$/)
        } catch (error) {
          expect(error).toMatchObject({ code: 'HUB_TOKEN_INVALID' })
          expect(String(error)).not.toContain(token)
        }
      }),
      runs,
    )
  })
})
