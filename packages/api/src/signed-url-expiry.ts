import { asArray, asRecord } from './read-json.ts'

/**
 * When a signed URL stops working, in milliseconds since the epoch; undefined when the URL does not say.
 * Knows AWS and Google query signatures (`X-Amz-Date` + `X-Amz-Expires`), the older `Expires`, CloudFront's
 * `Policy` and Azure's `se`. Several at once: the earliest counts.
 */
export function findSignedUrlExpiry(url: string): number | undefined {
  if (!URL.canParse(url)) return undefined
  const query = new URL(url).searchParams
  const found = [
    readDatePlusSeconds(query.get('X-Amz-Date'), query.get('X-Amz-Expires')),
    readDatePlusSeconds(query.get('X-Goog-Date'), query.get('X-Goog-Expires')),
    readEpochSeconds(query.get('Expires')),
    readPolicy(query.get('Policy')),
    readIsoDate(query.get('se')),
  ].filter((ms) => ms !== undefined)
  return found.length === 0 ? undefined : Math.min(...found)
}

/** `20260925T084923Z` and a number of seconds after it. */
function readDatePlusSeconds(date: string | null, seconds: string | null): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u.exec(date ?? '')
  const lifeMs = readEpochSeconds(seconds)
  if (!parts || lifeMs === undefined) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const startMs = readIsoDate(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return startMs === undefined ? undefined : startMs + lifeMs
}

function readEpochSeconds(text: string | null): number | undefined {
  return text !== null && /^\d{1,12}$/u.test(text) ? Number(text) * 1000 : undefined
}

function readIsoDate(text: string | null): number | undefined {
  const ms = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

/** CloudFront writes base64 with `-`, `_` and `~` in place of `+`, `=` and `/`. */
function readPolicy(text: string | null): number | undefined {
  if (text === null) return undefined
  const base64 = text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/')
  const json = parsePolicy(base64)
  const [statement] = asArray(asRecord(json)?.['Statement'])
  const lessThan = asRecord(asRecord(asRecord(statement)?.['Condition'])?.['DateLessThan'])
  const seconds = lessThan?.['AWS:EpochTime']
  return typeof seconds === 'number' ? readEpochSeconds(String(seconds)) : undefined
}

function parsePolicy(base64: string): unknown {
  try {
    const value: unknown = JSON.parse(atob(base64))
    return value
  } catch {
    return undefined
  }
}
