/** Pages of the repository, and where they stand on the site. The first that matches decides. */
const places: readonly (readonly [RegExp, string])[] = [
  [/^(?:apps\/site\/index|README)\.md$/, 'index.md'],
  [/^CONTRIBUTING\.md$/, 'contributing.md'],
  [/^SECURITY\.md$/, 'security.md'],
  [/^docs\/(guides|decisions)\/README\.md$/, '$1/index.md'],
  [/^docs\/((?:guides\/|decisions\/)?[^/]+\.md)$/, '$1'],
  [/^apps\/site\/reference\/(?:@hfx\/)?(.+\.md)$/, 'reference/$1'],
  [/^(?:packages|apps)\/(?!testing\/|bench\/|site\/)([^/]+)\/README\.md$/, 'packages/$1.md'],
  [/^packages\/([^/]+)\/docs\/([^/]+\.md)$/, 'packages/$1-$2'],
]

/** Pages that are not on the site: data, and pages for those who work in the repository. */
export const excluded: readonly string[] = [
  '**/CHANGELOG.md',
  '.changeset/**',
  // The site has a first page of its own; links to this one lead there.
  'README.md',
  'docs/api/**',
  'apps/bench/**',
  'apps/site/README.md',
  'packages/testing/**',
  'packages/*/test/**',
]

/**
 * Where a page of the repository stands on the site.
 * @param path relative to the root of the repository: `docs/guides/library.md`
 * @returns relative to the root of the site: `guides/library.md`; undefined for what is not on it
 */
export function placeOf(path: string): string | undefined {
  const found = places.find(([pattern]) => pattern.test(path))
  return found && path.replace(...found)
}
