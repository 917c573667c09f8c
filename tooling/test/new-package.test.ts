import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findReadmeFaults } from '../check-docs/readmes.mjs'
import { createPackageFiles } from '../new-package.mjs'
import { root } from '../root.mjs'
import { bin, run } from '../run.mjs'

const files = createPackageFiles('lock-step', 'Walks in step.')
let house = ''
let folder = ''

beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), 'hfx-new-'))
  folder = join(house, 'packages', 'lock-step')
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  for (const path of [
    'tsconfig.base.json',
    '.oxfmtrc.json',
    '.oxlintrc.json',
    'tooling/tsup.config.ts',
    'tooling/vitest.config.ts',
    'tooling/secrets',
  ])
    await cp(join(root, path), join(house, path), { recursive: true })
  await writeFile(join(house, 'package.json'), '{ "type": "module" }\n')
  await symlink(join(root, 'node_modules'), join(house, 'node_modules'))
  await mkdir(join(folder, 'node_modules', '@hfx'), { recursive: true })
  await symlink(join(root, 'packages', 'core'), join(folder, 'node_modules', '@hfx', 'core'))
})
afterAll(() => rm(house, { recursive: true, force: true }))

describe('a new package', () => {
  const options = { capture: true, quiet: true }

  it.each([
    ['compiles', 'tsc', ['--noEmit']],
    ['passes its test', 'vitest', ['run']],
    ['is linted', 'oxlint', ['--type-aware', '-c', '../../.oxlintrc.json', 'src', 'test']],
  ])('%s', async (_what, tool, args) => {
    await expect(run(bin(tool), args, { ...options, cwd: folder })).resolves.toBeDefined()
  })

  it('has a README with every section, and says what it is', () => {
    expect(findReadmeFaults('@hfx/lock-step', 'README.md', files['README.md'])).toEqual([])
    expect(JSON.parse(files['package.json'] ?? '')).toMatchObject({
      name: '@hfx/lock-step',
      description: 'Walks in step.',
      sideEffects: false,
      dependencies: { '@hfx/core': 'workspace:^' },
    })
  })

  it('is refused without a kebab-case name and a sentence, and where one stands', async () => {
    await expect(start('LockStep', 'Walks in step.')).rejects.toMatchObject({ code: 2 })
    await expect(start('lock-step', 'walks')).rejects.toMatchObject({ code: 2 })
    await expect(start('core', 'Walks in step.')).rejects.toMatchObject({
      stderr: expect.stringContaining('is there already'),
    })
  })
})

function start(...args: readonly string[]): Promise<unknown> {
  return promisify(execFile)(process.execPath, [join(root, 'tooling/new-package.mjs'), ...args])
}
