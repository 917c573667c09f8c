import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { optionNames, renderConfigReference, vocabulary } from '../src/index.ts'

const page = fileURLToPath(new URL('../../../docs/config.md', import.meta.url))

it('docs/config.md holds the options as they are: pnpm --filter @hfx/config reference writes it', async () => {
  const text = await readFile(page, 'utf8')
  const block = `<!-- generated: options -->\n\n${renderConfigReference()}\n\n<!-- end -->`
  const fresh = text.replace(/<!-- generated: options -->[\s\S]*?<!-- end -->/, () => block)
  await expect(fresh).toMatchFileSnapshot(page)
})

it('shows every option once, with its variables and default', () => {
  const rows = renderConfigReference()
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  const names = rows.map((row) => /`(\w+)`/.exec(row)?.[1] ?? '')
  expect(names).toHaveLength(optionNames.length)
  expect(new Set(names)).toEqual(new Set(optionNames))
  for (const row of rows) {
    const spec = Object.entries(vocabulary).find(([name]) => row.startsWith(`| \`${name}\``))?.[1]
    for (const variable of spec?.env ?? []) expect(row).toContain(`\`${variable}\``)
    expect(row).toContain(spec?.default ?? '–')
    expect(row.endsWith('|')).toBe(true)
  }
})
