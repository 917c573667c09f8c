import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findCaseFaults } from './check-docs/cases.mjs'
import { findErrorFaults } from './check-docs/errors.mjs'
import { findEventFaults } from './check-docs/events.mjs'
import { findLinkFaults } from './check-docs/links.mjs'
import { findNameFaults, wordsOf } from './check-docs/names.mjs'
import { findParserFaults } from './check-docs/parsers.mjs'
import { findPathFaults } from './check-docs/paths.mjs'
import { findReadmeFaults } from './check-docs/readmes.mjs'
import { findSnippetFaults, findSnippets } from './check-docs/snippets.mjs'
import { findDependencyFaults } from './docs/dependency-table.mjs'
import { findStalePages } from './docs.mjs'
import { root } from './root.mjs'
import { listTracked } from './tracked-files.mjs'
import { listPublic } from './workspace.mjs'

/** @param {string} path @returns {string | undefined} */
function read(path) {
  const full = join(root, path)
  return existsSync(full) ? readFileSync(full, 'utf8') : undefined
}

/** The documents are true: codes, events, links, sections and programs. */
export async function checkDocs() {
  const pages = listTracked('*.md').filter(
    (path) => !/CHANGELOG\.md$|^\.changeset\/|^docs\/api\//.test(path),
  )
  const snippets = pages.flatMap((path) => findSnippets(path, read(path) ?? ''))
  const reference = [...listTracked('docs/api/*.api.md'), 'docs/config.md', 'docs/errors.md']
  const names = wordsOf(reference.map((path) => read(path) ?? ''))
  const faults = [
    ...findErrorFaults(read('packages/core/src/errors.ts') ?? '', read('docs/errors.md') ?? ''),
    ...findEventFaults(read('packages/core/src/events.ts') ?? '', read('docs/events.md') ?? ''),
    ...findCaseFaults(read('docs/python-cases.md') ?? '', read),
    ...findParserFaults(read('docs/security-tests.md') ?? '', read),
    ...pages.flatMap((path) => findLinkFaults(root, path)),
    ...pages.flatMap((path) => findPathFaults(root, path, read(path) ?? '')),
    ...['docs/migrating-from-go.md', 'docs/migrating-from-python.md'].flatMap((path) =>
      findNameFaults(path, read(path) ?? '', names),
    ),
    ...listPublic().flatMap(({ manifest, path }) =>
      findReadmeFaults(manifest.name, `${path}/README.md`, read(`${path}/README.md`)),
    ),
    ...(await findSnippetFaults(root, snippets)),
    ...(await findStalePages({ update: false })),
    ...findDependencyFaults(listPublic()),
  ]
  if (faults.length > 0) throw new Error(faults.join('\n'))
  console.log(
    `${pages.length} pages: codes, events, links and sections hold; ${snippets.length} snippets compile`,
  )
}
