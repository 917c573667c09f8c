import { describe, expect, it } from 'vitest'
import { findCaseFaults } from '../check-docs/cases.mjs'
import { findErrorFaults } from '../check-docs/errors.mjs'
import { findEventFaults } from '../check-docs/events.mjs'
import { findLinkFaults } from '../check-docs/links.mjs'
import { findNameFaults, wordsOf } from '../check-docs/names.mjs'
import { findParserFaults } from '../check-docs/parsers.mjs'
import { findPathFaults } from '../check-docs/paths.mjs'
import { findReadmeFaults } from '../check-docs/readmes.mjs'
import { findSnippetFaults, findSnippets, locateFaults } from '../check-docs/snippets.mjs'
import { root } from '../root.mjs'
import { plantFiles } from './plant-files.ts'

describe('docs/errors.md', () => {
  const source =
    "export type HubErrorCode =\n  // why\n  | 'HUB_A'\n  | 'HUB_B'\n\nexport class X {}\n"
  const head = '| code | class | when | what to do |\n| --- | --- | --- | --- |\n'
  const cell = (code: string): string => `<a id="${code}"></a>\`${code}\``

  it('holds when every code has a full row', () => {
    const page = `${head}| ${cell('HUB_A')} | HubError | x | y |\n| ${cell('HUB_B')} | HttpError | x | y |\n`
    expect(findErrorFaults(source, page)).toEqual([])
  })

  it('fails for a code without a row, a row without a code, an anchor or a cell, and a row given twice', () => {
    const page = `${head}| ${cell('HUB_A')} | HubError | x | y |\n| ${cell('HUB_A')} | HubError |  | y |\n| \`HUB_C\` | HubError | x | y |\n`
    expect(findErrorFaults(source, page)).toEqual([
      'docs/errors.md has no row for HUB_B',
      'docs/errors.md: HUB_C is no code of core',
      'docs/errors.md has HUB_A twice',
      'docs/errors.md: no link leads to HUB_C: begin its row with <a id="HUB_C"></a>',
      'docs/errors.md: the row of HUB_A lacks class, occasion or remedy',
    ])
  })
})

describe('docs/python-cases.md', () => {
  const row = (number: number, title = 'holds'): string =>
    `| ${number} | x | [t](../t.test.ts) “${title}” |`
  const rows = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => row(index + 1))
  const page = (cases: readonly string[], points: readonly string[]): string =>
    [...cases, '## Forty weak points', ...points].join('\n')
  const read = (path: string): string | undefined =>
    path === 't.test.ts' ? "it('holds', () => {})" : undefined

  it('holds when every case and every weak point has a row whose test is there', () => {
    expect(findCaseFaults(page(rows(74), rows(40)), read)).toEqual([])
  })

  it('fails for a row that is missing or given twice, without a test, or with one that is gone', () => {
    const cases = [...rows(73), row(73), '| 74 | x | by hand |']
    expect(findCaseFaults(page(cases, [...rows(39), row(40, 'gone')]), read)).toEqual([
      'docs/python-cases.md: case 73 needs one row',
      'docs/python-cases.md: row 74 names no test',
      'docs/python-cases.md: t.test.ts has no test “gone”',
    ])
  })
})

describe('docs/security-tests.md', () => {
  const head = '| reads | parser | test | runs |\n| --- | --- | --- | ---: |\n'
  const row = (parser: string, runs: number, test = 'http/test/fuzz'): string =>
    `| heads | \`${parser}\` | \`${test}\` | ${runs} |\n`
  const test = [
    'const runs = fuzzRuns()',
    "it('a', () => assert(property(text, parseHead), runs))",
    "it('b', () => assert(property(text, parseTree), fewer))",
    "it('c', () => expect(parseOther('x')).toBe(1))",
  ].join('\n')
  const read = (path: string): string | undefined =>
    path === 'packages/http/test/fuzz.test.ts' ? test : undefined

  it('holds when each parser is tried as often as it says', () => {
    expect(findParserFaults(head + row('parseHead', 300) + row('parseTree', 100), read)).toEqual([])
  })

  it('fails for a parser that is not tried, another count, and a test that is gone', () => {
    const rows =
      row('parseNone', 300) + row('parseTree', 300) + row('parseHead', 300, 'http/test/x')
    expect(findParserFaults(head + rows, read)).toEqual([
      'docs/security-tests.md, heads: `http/test/fuzz` does not try parseNone',
      'docs/security-tests.md, heads: `http/test/fuzz` runs 100 times, not 300',
      'docs/security-tests.md: there is no packages/http/test/x.test.ts',
      'docs/security-tests.md, heads: `http/test/x` does not try parseHead',
      'docs/security-tests.md, heads: `http/test/x` runs 0 times, not 300',
    ])
  })
})

describe('a migration page', () => {
  const head = '| Go | hfx |\n| --- | --- |\n'
  const known = wordsOf(['export function createHubClient(): HubClient', 'plan(repo: string): Job'])

  it('holds when what it maps to is exported', () => {
    const rows = '| `NewClient` | `createHubClient()`, `hub.plan(repo)`, or `hfx plan REPO` |\n'
    expect(findNameFaults('a.md', head + rows, known)).toEqual([])
  })

  it('fails for a function, a method and a type that are not', () => {
    const rows =
      '| `X` | `createClient`, `hub.planned()` |\n\n| Go | `class` in hfx |\n| - | - |\n| `Y` | `HubJob` |\n'
    expect(findNameFaults('a.md', head + rows, known)).toEqual([
      'a.md:3 maps to createClient, which is exported nowhere',
      'a.md:3 maps to planned, which is exported nowhere',
      'a.md:7 maps to HubJob, which is exported nowhere',
    ])
  })
})

describe('docs/events.md', () => {
  const source = "{ readonly type: 'file:start' } | { readonly type: 'file:end' }"

  it('holds when the events are those of core, whatever modules it names', () => {
    expect(findEventFaults(source, '`file:start`, `file:end`, `node:fs`')).toEqual([])
  })

  it('fails for an event that it leaves out and for one that does not exist', () => {
    expect(findEventFaults(source, '`file:start` and `file:stop`')).toEqual([
      'docs/events.md does not describe file:end',
      'docs/events.md: file:stop is no event of core',
    ])
  })
})

describe('links', () => {
  it('fail when they lead to no file or to no heading, outside code only', async () => {
    const folder = await plantFiles({
      'a.md':
        '[ok](docs/b.md#the-flow) [gone](docs/c.md) [lost](docs/b.md#no) [row](docs/b.md#ROW) [site](https://x.org) [own](https://github.com/hfx-dev/hfx/blob/main/docs/b.md#b) [none](https://github.com/hfx-dev/hfx/tree/main/docs/c)\n\n`[code](x.md)`\n\n```sh\n[code](y.md)\n```\n[self](#none)\n',
      'docs/b.md': '# B\n\n## The *flow*\n\n<a id="ROW"></a>\n',
    })
    expect(findLinkFaults(folder, 'a.md')).toEqual([
      'a.md: the link to docs/c.md leads nowhere',
      'a.md: the link to docs/b.md#no leads nowhere',
      'a.md: the link to https://github.com/hfx-dev/hfx/tree/main/docs/c leads nowhere',
      'a.md: the link to #none leads nowhere',
    ])
  })
})

describe('files that a page names', () => {
  it('must be there, whether named from the root or from packages', () => {
    const text =
      '`core/src/ports.ts` `tooling/floors.mjs` `core/src/nope.ts` `docs/nope.md` `dist/x.ts`\n'
    expect(findPathFaults(root, 'a.md', text)).toEqual([
      'a.md: there is no core/src/nope.ts',
      'a.md: there is no docs/nope.md',
    ])
  })
})

describe('a README', () => {
  const good = `# @hfx/x\n\n## When you need it\n\nnpm install @hfx/x\n\n## Example\n\n\`\`\`ts\nx()\n\`\`\`\n\n**Errors**: none.\n\nFloor 1.\n`

  it('passes with its sections', () => {
    expect(findReadmeFaults('@hfx/x', 'README.md', good)).toEqual([])
  })

  it('fails when it is missing, too long, or lacks a section', () => {
    expect(findReadmeFaults('@hfx/x', 'README.md', undefined)).toEqual(['README.md is missing'])
    expect(findReadmeFaults('@hfx/x', 'README.md', good + '\n'.repeat(80) + 'end')).toHaveLength(1)
    expect(
      findReadmeFaults('@hfx/x', 'README.md', good.replace('## When you need it', '## How')),
    ).toEqual(['README.md lacks when you need it and when you do not'])
  })

  it('fails for a link that leads nowhere from npm', () => {
    const text = `${good}[a](../core) [b](#example) [c](https://x.org)\n`
    expect(findReadmeFaults('@hfx/x', 'README.md', text)).toEqual([
      'README.md: link to ../core by its address on GitHub, for the readers on npm',
    ])
  })
})

describe('snippets', () => {
  it('are the programs of a page: blocks marked ts that import something', () => {
    const page =
      '# X\n\n```ts\nimport { a } from "@hfx/core"\n```\n\n```ts\ninterface Shape {}\n```\n\n```js\nimport "x"\n```\n'
    expect(findSnippets('docs/x.md', page)).toEqual([
      {
        file: 'docs-x-md-3.ts',
        page: 'docs/x.md',
        line: 3,
        code: 'import { a } from "@hfx/core"\n',
      },
    ])
  })

  it('fail on the page and line where the mistake stands', async () => {
    const [snippet] = findSnippets(
      'x.md',
      "text\n\n```ts\nimport { parseRepo } from '@hfx/core'\nparseRepo(1)\n```\n",
    )
    const faults = await findSnippetFaults(root, snippet ? [snippet] : [])
    expect(faults).toEqual([expect.stringMatching(/^x\.md:5 error TS2345/)])
  })

  it('keep a message of the compiler that belongs to no page', () => {
    expect(locateFaults('error TS5055: no', [])).toEqual(['error TS5055: no'])
  })
})
