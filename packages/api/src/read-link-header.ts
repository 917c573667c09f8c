/**
 * The targets of a `Link` header by their relation (RFC 8288): `<url>; rel="next", <url>; rel="xet-auth"`.
 * The first target of a relation wins; what cannot be read is left out.
 */
export function readLinkHeader(header: string | undefined): ReadonlyMap<string, string> {
  const links = new Map<string, string>()
  for (const match of (header ?? '').matchAll(/<([^<>]*)>([^<]*)/gu)) {
    const [, target = '', parameters = ''] = match
    if (target === '') continue
    for (const relation of readRelations(parameters)) {
      if (!links.has(relation)) links.set(relation, target)
    }
  }
  return links
}

function readRelations(parameters: string): readonly string[] {
  const found = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))/iu.exec(parameters)
  const names = found?.[1] ?? found?.[2] ?? ''
  return names
    .toLowerCase()
    .split(/\s+/u)
    .filter((name) => name !== '')
}
