import { type Answer, answerJson, answerRefusal } from '../answer.ts'
import { type HubRequest } from '../hub-request.ts'
import { type StoredCommit, type StoredRepo } from '../repo-store.ts'
import { describeEntry, isMasked } from './tree.ts'

const mostPaths = 1000

/** `POST /api/{type}s/{id}/paths-info/{rev}` with a form or JSON body; unknown paths are left out. */
export async function answerPathsInfo(
  request: HubRequest,
  repo: StoredRepo,
  commit: StoredCommit,
): Promise<Answer> {
  const body = await request.body()
  if (body === undefined) return answerRefusal({ status: 413, message: 'Payload too large' }, true)
  const asked = parseBody(request.headers['content-type'] ?? '', body)
  if (!asked) return answerRefusal({ status: 400, message: 'Invalid body: paths expected' }, true)
  if (asked.paths.length > mostPaths)
    return answerRefusal({ status: 413, message: `At most ${mostPaths} paths at once` }, true)
  const entries = asked.paths.flatMap((path) => commit.tree.find(path) ?? [])
  const context = { commit, expand: asked.expand, masked: isMasked(repo, request) }
  return answerJson(await Promise.all(entries.map((entry) => describeEntry(entry, context))))
}

interface AskedPaths {
  readonly paths: readonly string[]
  readonly expand: boolean
}

function parseBody(contentType: string, body: string): AskedPaths | undefined {
  if (!contentType.startsWith('application/json')) {
    const form = new URLSearchParams(body)
    return { paths: form.getAll('paths'), expand: form.get('expand')?.toLowerCase() === 'true' }
  }
  const json = parseJson(body)
  if (typeof json !== 'object' || json === null || !('paths' in json)) return undefined
  const paths: unknown[] = Array.isArray(json.paths) ? json.paths : [json.paths]
  const texts = paths.filter((path) => typeof path === 'string')
  if (texts.length !== paths.length) return undefined
  return { paths: texts, expand: 'expand' in json && json.expand === true }
}

/** JSON that yields undefined instead of throwing. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
