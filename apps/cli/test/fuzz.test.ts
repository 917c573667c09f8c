import { join } from 'node:path'
import { fuzzRuns, tame, tameLater, useTempDir } from '@hfx/testing'
import { CommanderError } from 'commander'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseAge, parseFilter, parseSort } from '../src/cache-filter.ts'
import { parseCachedRepo, parseRemovalTarget } from '../src/cache-target.ts'
import { ExitError } from '../src/exit-error.ts'
import type { CliIo } from '../src/io.ts'
import { maskUserInfo } from '../src/mask-user-info.ts'
import { checkBytes, parseCount, parsePort, parseWhole } from '../src/parse-flag.ts'
import { createProgram } from '../src/program.ts'
import { parseRepoArgument } from '../src/read-repo.ts'
import { parseList } from '../src/read-wanted.ts'

const runs = fuzzRuns(150)
const word = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'a/b',
    'a/b@main',
    'a/b:Q4',
    'hf://a/b',
    '10GB',
    '7d',
    '-1',
    '1e9',
    '../x',
    '\u001B[2J',
    'size>1GB',
    'name',
  ),
)

it('fuzz: every reader of a flag or argument answers, or throws an error of ours', () => {
  const readers = [
    parseFilter,
    parseSort,
    parseAge,
    parseCachedRepo,
    parseRemovalTarget,
    checkBytes,
    parseCount,
    parsePort,
    parseWhole,
    parseRepoArgument,
    parseList,
  ]
  fc.assert(
    fc.property(fc.constantFrom(...readers), word, (reader, text) => {
      try {
        tame(() => reader(text))
      } catch (error) {
        expect(error).toBeInstanceOf(CommanderError)
      }
    }),
    fuzzRuns(),
  )
})

it('fuzz: no part of a user and password is left of an address', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', 'http://', 'HTTPS://'),
      fc.string(),
      fc.domain(),
      (scheme, user, host) => {
        expect(maskUserInfo(`${scheme}${user}:s3cr3t@${host}`)).not.toContain('s3cr3t')
      },
    ),
    fuzzRuns(),
  )
})

it('fuzz: a command line of any words ends in an answer, a usage error or an error of ours', async () => {
  const home = await useTempDir()
  const io: CliIo = {
    out: () => undefined,
    err: () => undefined,
    env: {
      HOME: home,
      HF_HOME: join(home, 'hf'),
      XDG_CONFIG_HOME: home,
      HF_HUB_OFFLINE: '1',
      NO_PROXY: '*',
    },
    cwd: home,
    stdin: process.stdin,
    stderr: process.stderr,
    stdout: process.stdout,
    signal: AbortSignal.timeout(60_000),
  }
  const command = fc.constantFrom(
    ['ls'],
    ['info'],
    ['download'],
    ['cache', 'ls'],
    ['cache', 'rm'],
    ['cache', 'verify'],
    ['config', 'explain'],
    ['lock'],
    ['env'],
    [],
  )
  const flag = fc.constantFrom(
    '--json',
    '--format',
    '--revision',
    '--type',
    '--include',
    '--exclude',
    '--plan',
    '--tree',
    '--quiet',
    '--filter',
    '--sort',
    '--limit',
    '--dry-run',
    '--',
    '-h',
    '--unknown',
    '--endpoint',
    '--progress',
    '--max-files',
  )
  await fc.assert(
    fc.asyncProperty(
      command,
      fc.array(fc.oneof(flag, word), { maxLength: 5 }),
      async (names, rest) => {
        try {
          await tameLater(() => createProgram(io).parseAsync([...names, ...rest], { from: 'user' }))
        } catch (error) {
          if (!(error instanceof ExitError)) expect(error).toBeInstanceOf(CommanderError)
        }
      },
    ),
    // What has begun for the first name was once nobody's when the second could not be read.
    { ...runs, examples: [[['lock'], ['a/b', 'c/d:']]] },
  )
})
