/** A target, then its parameters; what stands in quotes may hold anything. */
const linkPattern = /<([^<>]*)>((?:[^<"]|"[^"]*"?)*)/gu

/**
 * The targets of a `Link` header by their relation (RFC 8288): `<url>; rel="next", <url>; rel="xet-auth"`.
 * The first target of a relation wins; what cannot be read is left out.
 */
export function readLinkHeader(header: string | undefined): ReadonlyMap<string, string> {
  const links = new Map<string, string>()
  for (const match of (header ?? '').matchAll(linkPattern)) {
    const [, target = '', parameters = ''] = match
    if (target === '') continue
    for (const relation of readRelations(parameters)) {
      if (!links.has(relation)) links.set(relation, target)
    }
  }
  return links
}

function readRelations(parameters: string): readonly string[] {
  for (const match of parameters.matchAll(/;\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s",;]*))/gu)) {
    const [, name = '', quoted, bare] = match
    if (name.toLowerCase() !== 'rel') continue
    return (quoted ?? bare ?? '')
      .toLowerCase()
      .split(/\s+/u)
      .filter((relation) => relation !== '')
  }
  return []
}
