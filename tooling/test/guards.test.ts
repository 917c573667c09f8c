import { describe, expect, it } from 'vitest'
import { findUndocumented } from '../api-report.mjs'
import { checkNode } from '../bootstrap.mjs'
import { findHosts, findOneSided } from '../check-lockfile.mjs'
import { findPackingFaults } from '../check-packages.mjs'
import { findSecrets } from '../check-secrets.mjs'
import { run } from '../run.mjs'
import { Skip, formatSteps, runStep } from '../steps.mjs'
import { sumResults } from '../test-results.mjs'
import { plantFiles } from './plant-files.ts'

describe('the lockfile check', () => {
  it('finds a host and a tarball, and nothing in plain entries', () => {
    const text =
      'a:\n  resolution: {integrity: sha512-x}\nb:\n  resolution: {tarball: x.tgz}\nc: http://x\n'
    expect(findHosts(text)).toEqual([
      'pnpm-lock.yaml:4 resolution: {tarball: x.tgz}',
      'pnpm-lock.yaml:5 c: http://x',
    ])
  })

  it('finds tools that were locked for one system only', () => {
    const text = "  '@t/linux-64@1.0.0':\n  '@t/darwin-64@1.0.0':\n  '@u/b-linux-x64-gnu@2.0.0':\n"
    expect(findOneSided(text)).toEqual([
      '@t/linux-x64 has no sibling @t/win(32|dows)',
      '@u/b-linux-x64 has no sibling @u/b-darwin',
      '@u/b-linux-x64 has no sibling @u/b-win(32|dows)',
    ])
    expect(findOneSided(`${text}  '@t/windows-64@1.0.0':\n`)).toHaveLength(2)
  })
})

describe('the secrets check', () => {
  it.each([
    ['a package registry', ['https://registry', 'example.org/x'].join('.')],
    ['a path of one machine', ['', 'work', 'main', 'x'].join('/')],
    ['a path of one machine', ['', 'root', '.npmrc'].join('/')],
    ['a Hub token', ['hf', 'aB'.repeat(17)].join('_')],
    ['an npm token', ['npm', 'a1'.repeat(18)].join('_')],
    ['a GitHub token', ['ghp', 'a1'.repeat(18)].join('_')],
    ['an AWS key', `AKIA${'A1'.repeat(8)}`],
    ['a private key', ['-----BEGIN', 'PRIVATE KEY-----'].join(' ')],
  ])('finds %s', (kind, line) => {
    expect(findSecrets('x.ts', `first\n${line}\n`)).toEqual([`x.ts:2 holds ${kind}`])
  })

  it('lets the key of a test server be, and no other key', () => {
    const key = ['-----BEGIN', 'PRIVATE KEY-----'].join(' ')
    expect(findSecrets('packages/http/test/fixtures/server-key.pem', key)).toEqual([])
    expect(findSecrets('packages/http/src/server-key.pem', key)).toHaveLength(1)
  })

  it('leaves test tokens and ordinary text alone', () => {
    expect(
      findSecrets('x.ts', "token: 'hf_good'\nhttps://huggingface.co/docs\n/home/ada\n"),
    ).toEqual([])
  })
})

describe('the packing check', () => {
  const entry = {
    folder: '',
    path: 'packages/x',
    manifest: {
      name: '@hfx/x',
      version: '1.0.0',
      description: 'x',
      keywords: ['x'],
      homepage: 'x',
      bugs: 'x',
      repository: {},
    },
    isApp: false,
  }

  it('wants a README, a LICENSE and what npm shows, nothing but dist, and no install script', () => {
    const files = ['dist/index.js', 'package.json', 'src/index.ts', 'README.md']
    const manifest = { ...entry.manifest, scripts: { build: 'tsup', postinstall: 'x' } }
    expect(findPackingFaults({ name: '@hfx/x', files, entry: { ...entry, manifest } })).toEqual([
      '@hfx/x is packed without LICENSE',
      '@hfx/x does not tell its license',
      '@hfx/x is packed with src/index.ts',
      '@hfx/x runs postinstall at its users',
    ])
  })
})

describe('the API report', () => {
  it('names exports without a sentence, not members', () => {
    const report = [
      '// @public (undocumented)',
      'export interface Bare {',
      '    // (undocumented)',
      '    readonly a: string;',
      '}',
      '// @public',
      'export function told(): void;',
      '// @public (undocumented)',
      'export const value: number;',
      '// @public (undocumented)',
      'class Hidden {',
    ].join('\n')
    expect(findUndocumented(report)).toEqual(['Bare', 'value'])
  })
})

describe('steps', () => {
  it('tell apart what passed, failed and could not run', async () => {
    const results = [
      await runStep('a', async () => {}),
      await runStep('b', () => Promise.reject(new Error('no'))),
      await runStep('c', () => Promise.reject(new Skip('no git'))),
      await runStep('d', () => Promise.resolve('without bun')),
    ]
    expect(results.map((result) => result.outcome)).toEqual(['ok', 'failed', 'skipped', 'ok'])
    expect(formatSteps(results)).toMatch(
      /a\s+\d.*ok\n.*failed\n.*skipped\n.*ok, without bun\n\s+total/,
    )
  })

  it('fail when the command fails, with its output', async () => {
    const script = "console.log('out'); console.error('err'); process.exit(3)"
    const running = run(process.execPath, ['-e', script], { capture: true, quiet: true })
    await expect(running).rejects.toMatchObject({ code: 3, output: 'out\nerr\n' })
  })

  it('refuse a Node that is too old', () => {
    expect(() => checkNode('20.18.3')).toThrow('20.19')
    expect(() => checkNode('18.20.0')).toThrow('20.19')
    expect(() => checkNode('20.19.0')).not.toThrow()
    expect(() => checkNode('26.0.0')).not.toThrow()
  })
})

it('test totals add up over packages, and a package without results counts nothing', async () => {
  const folder = await plantFiles({
    'a/.results/vitest.json': vitestReport(3, 0),
    'b/.results/vitest.json': vitestReport(4, 1),
  })
  const folders = ['a', 'b', 'c'].map((name) => `${folder}/${name}`)
  expect(sumResults(folders)).toEqual({ passed: 7, failed: 1, skipped: 2, files: [] })
})

function vitestReport(passed: number, failed: number): string {
  const counts = {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: 1,
    numTodoTests: 0,
  }
  return JSON.stringify({ ...counts, testResults: [] })
}
