const textTypes = new Set(['txt', 'md', 'py', 'yaml', 'yml', 'toml', 'jinja', 'gitattributes'])

/** The Hub serves everything it can show as plain text and the rest as bytes. */
export function contentTypeOf(path: string): string {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase()
  if (extension === 'json') return 'application/json; charset=utf-8'
  if (textTypes.has(extension)) return 'text/plain; charset=utf-8'
  return 'application/octet-stream'
}

/** `inline; filename*=UTF-8''a%20b.txt; filename="a b.txt";` */
export function formatDisposition(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const plain = name.replace(/[^\u0020-\u007e]|["\\]/gu, '?')
  return `inline; filename*=UTF-8''${encodeURIComponent(name)}; filename="${plain}";`
}
