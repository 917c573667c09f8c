import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { DefaultTheme } from 'vitepress'
import { listPublic } from '../../../tooling/workspace.mjs'
import { root } from './repository.ts'

/** @param pages `[text, link]` */
const list = (...pages: readonly (readonly [string, string])[]): DefaultTheme.SidebarItem[] =>
  pages.map(([text, link]) => ({ text, link }))

/** The packages, the one that most people need first; a new one comes last until it finds its place. */
const order = [
  'hub',
  'cli',
  'transfer',
  'cache',
  'http',
  'api',
  'config',
  'progress',
  'opentelemetry',
  'wiring',
  'fake-hub',
  'core',
]
const all = listPublic().map(({ folder }) => basename(folder))
const packages = [...order, ...all.filter((name) => !order.includes(name))]

/** Every page of the site, in the order in which a stranger wants them. */
export function createSidebar(): DefaultTheme.SidebarItem[] {
  return [
    { text: 'Guides', items: listGuides() },
    {
      text: 'Reference',
      items: list(
        ['The command', '/cli'],
        ['Options', '/config'],
        ['Events', '/events'],
        ['Errors', '/errors'],
        ['Runtimes', '/runtimes'],
        ['Benchmarks', '/benchmarks'],
      ),
    },
    {
      // A group that opens is also a link: a button within a button cannot be reached by keyboard.
      text: 'Packages',
      link: '/packages/hub',
      collapsed: true,
      items: [
        ...packages.map((name) => ({ text: `@hfx/${name}`, link: `/packages/${name}` })),
        ...list(['Samples', '/packages/examples'], ['A page', '/packages/browser-example']),
      ],
    },
    { text: 'API', link: '/reference/', collapsed: true, items: listReference() },
    {
      text: 'How it is built',
      link: '/architecture',
      collapsed: true,
      items: [
        ...list(
          ['Architecture', '/architecture'],
          ['Every file in a line', '/files'],
          ['What an install brings', '/dependencies'],
          ['Contributing', '/contributing'],
          ['Testing', '/testing'],
          ['Security tests', '/security-tests'],
          ["Python's client and ours", '/python-cases'],
          ['Releasing', '/releasing'],
          ['Reporting a weakness', '/security'],
        ),
        { text: 'Decisions', collapsed: true, link: '/decisions/', items: listDecisions() },
      ],
    },
  ]
}

/** The guides, in the order of their index. */
function listGuides(): DefaultTheme.SidebarItem[] {
  const index = readFileSync(join(root, 'docs', 'guides', 'README.md'), 'utf8')
  return [...index.matchAll(/^- \[([^\]]+)\]\(([^)]+)\.md\)/gm)].map(
    ([, text = '', path = '']) => ({
      text,
      link: join('/guides', path),
    }),
  )
}

/** The pages that TypeDoc has written, in the order of the packages. */
function listReference(): DefaultTheme.SidebarItem[] {
  const index = join(root, 'apps', 'site', 'reference', 'index.md')
  if (!existsSync(index)) return []
  const doors = [...readFileSync(index, 'utf8').matchAll(/\(@hfx\/(.+)\.md\)/g)].map(
    ([, door = '']) => door,
  )
  return packages
    .flatMap((name) => doors.filter((door) => door.split('/')[0] === name))
    .map((door) => ({ text: `@hfx/${door}`, link: `/reference/${door}` }))
}

/** Decisions by number. */
function listDecisions(): DefaultTheme.SidebarItem[] {
  const folder = join(root, 'docs', 'decisions')
  return readdirSync(folder)
    .filter((name) => /^\d/.test(name))
    .toSorted()
    .map((name) => ({ text: titleOf(join(folder, name)), link: `/decisions/${name.slice(0, -3)}` }))
}

function titleOf(file: string): string {
  return /^# (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? file
}
