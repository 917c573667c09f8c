/** Stands where a secret stood. */
export const redacted = '<redacted>'

const tokenPattern = /\b(?:hf|api_org)_[A-Za-z0-9]{4,}\b/g
const bearerPattern = /\b(bearer|basic)\s+[^\s"',;]+/gi
/** JSON web tokens: Xet access tokens and OIDC identities are such. */
const jwtPattern = /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g
/** What makes a signed query a secret, where the text holds no whole URL. */
const signaturePattern =
  /\b(X-Amz-(?:Signature|Credential|Security-Token)|X-Goog-Signature|X-Xet-Signature|Signature|Policy|Key-Pair-Id|sig|access_token|id_token|refresh_token)=[^&\s"'<>]+/gi
const urlPattern = /\b(https?|hf):\/\/[^\s"'<>]+/gi

/** The URL as it may be shown: no user info, and no query, because a signed query is a secret. */
export function redactUrl(url: string | URL): string {
  const parsed = typeof url === 'string' ? parseUrl(url) : url
  if (!parsed) return redactText(String(url))
  const query = parsed.search ? `?${redacted}` : ''
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${query}`
}

/** Free text without tokens, authorization values and signed queries. */
export function redactText(text: string): string {
  return text
    .replace(urlPattern, (url) => (/[?@]/.test(url) ? redactUrlText(url) : url))
    .replace(bearerPattern, `$1 ${redacted}`)
    .replace(tokenPattern, redacted)
    .replace(jwtPattern, redacted)
    .replace(signaturePattern, `$1=${redacted}`)
}

const secretHeaders = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-xet-access-token',
])

/** Headers as they may be logged. */
export function redactHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const shown: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    shown[name] = secretHeaders.has(name.toLowerCase()) ? redacted : redactText(value)
  }
  return shown
}

function redactUrlText(url: string): string {
  const parsed = parseUrl(url)
  if (!parsed) return url.replace(/[?@].*$/, redacted)
  const query = parsed.search ? `?${redacted}` : ''
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${query}`
}

function parseUrl(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}
