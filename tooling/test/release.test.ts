import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { getDependencyReleaseLine, getReleaseLine } from '../changelog.mjs'
import { isAllowed } from '../docs/dependency-table.mjs'
import { replaceBlock } from '../docs/generated-block.mjs'
import { describeFile } from '../docs/file-map.mjs'
import { previewChangelogs } from '../preview-changelogs.mjs'
import { root } from '../root.mjs'
import { writeSbom } from '../sbom.mjs'
import { plantFiles } from './plant-files.ts'

it('pnpm release refuses to publish from a machine that is not the workflow', async () => {
  const env = { GITHUB_ACTIONS: 'false' }
  const started = promisify(execFile)(process.execPath, [join(root, 'tooling/release.mjs')], {
    env,
  })
  await expect(started).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--dry-run'),
  })
})

it('the SBOM of the CLI is valid, names what it brings, and is the same every time', async () => {
  const folder = await plantFiles({})
  const paths = [join(folder, 'a.json'), join(folder, 'b.json')]
  for (const path of paths) await writeSbom(path)
  const [first, second] = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
  expect(first).toBe(second)
  expect(first).toMatch(/"purl": "pkg:npm\/undici@7\.[\d.]+"/)
  expect(first).toMatch(/"purl": "pkg:npm\/%40hfx\/core@/)
})

describe('a CHANGELOG', () => {
  it('can be seen before the release, without touching this checkout; every package keeps the same version', async () => {
    const releases = await previewChangelogs(await plantFiles({}))
    expect(new Set(releases.map(({ version }) => version)).size).toBe(1)
    for (const { name, version, changelog } of releases)
      expect(changelog).toMatch(new RegExp(`^# ${name}\n\n## ${version}\n`))
    const { stdout } = await promisify(execFile)('git', ['status', '--short', '*CHANGELOG.md'])
    expect(stdout).toBe('')
  })

  it('has the words of each change as one item of a list, and no versions of our own packages', async () => {
    const summary = 'Files are resumed.\nAlso later.\n\nMore.\n'
    expect(await getReleaseLine({ summary })).toBe('- Files are resumed.\n  Also later.\n\n  More.')
    expect(await getDependencyReleaseLine()).toBe('')
  })
})

describe('licences', () => {
  it.each(['MIT', 'Apache-2.0', '(MIT OR GPL-3.0-only)', 'MIT AND ISC'])('take %s', (license) => {
    expect(isAllowed(license)).toBe(true)
  })
  it.each(['GPL-3.0-only', 'AGPL-3.0', 'unknown', 'MIT AND GPL-2.0-only', 'UNLICENSED'])(
    'refuse %s',
    (license) => {
      expect(isAllowed(license)).toBe(false)
    },
  )
})

describe('generated pages', () => {
  it('replace what stands between the marks and nothing else', () => {
    const page = 'a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n'
    expect(replaceBlock(page, 'x', 'new')).toBe(
      'a\n<!-- generated: x -->\n\nnew\n\n<!-- end -->\nb\n',
    )
    expect(() => replaceBlock(page, 'y', 'new')).toThrow('no block "y"')
  })

  it('describe a file by the first sentence of the export it is named after', () => {
    const text =
      '/** Not this. */\nexport interface Options {}\n\n/**\n * Plans the parts | of a file. And more.\n */\nexport function planParts(): void {}\n'
    expect(describeFile(text, 'plan-parts')).toBe('Plans the parts \\| of a file.')
    expect(describeFile(text, 'other')).toBe('Not this.')
    expect(describeFile('const a = 1', 'other')).toBe('')
  })
})
