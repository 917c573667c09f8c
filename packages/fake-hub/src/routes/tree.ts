import { type Answer, answerJson, answerRefusal } from '../answer.ts'
import { entryNotFound, hasAccess } from '../access.ts'
import { type CommitTree, type TreeEntry } from '../commit-tree.ts'
import { type HubRequest } from '../hub-request.ts'
import { type HubState } from '../hub-state.ts'
import { type StoredCommit, type StoredRepo } from '../repo-store.ts'

export interface TreeSubject {
  readonly repo: StoredRepo
  readonly commit: StoredCommit
  /** Folder to list, or empty for all. */
  readonly folder: string
}

/** `GET /api/{type}s/{id}/tree/{rev}[/{path}]`, page by page: `Link: <…>; rel="next"`. */
export async function answerTree(
  state: HubState,
  request: HubRequest,
  subject: TreeSubject,
): Promise<Answer> {
  const { commit, folder } = subject
  const expand = isTrue(request.query.get('expand'))
  const pageSize = expand
    ? Math.max(1, Math.floor(state.options.pageSize / 20))
    : state.options.pageSize
  const limit = clampLimit(request.query.get('limit'), pageSize)
  const from = parseCursor(request.query.get('cursor'))
  if (commit.rawListing) {
    const items = commit.rawListing.slice(from, from + limit)
    const next = from + limit < commit.rawListing.length ? from + limit : undefined
    return answerJson(items, linkNext(request, next))
  }
  if (folder !== '' && commit.tree.find(folder)?.kind !== 'folder')
    return answerRefusal(entryNotFound, true)
  const page = selectPage(commit.tree, {
    folder,
    recursive: isTrue(request.query.get('recursive')),
    from,
    limit,
  })
  const masked = isMasked(subject.repo, request)
  const items = await Promise.all(
    page.entries.map((entry) => describeEntry(entry, { commit, expand, masked })),
  )
  return answerJson(items, linkNext(request, page.next))
}

/** The Hub hides Xet hashes of gated repositories from those who may not read the files. */
export function isMasked(repo: StoredRepo, request: HubRequest): boolean {
  return repo.spec.gated !== undefined && !hasAccess(repo, request.user)
}

export interface DescribeContext {
  readonly commit: StoredCommit
  readonly expand: boolean
  readonly masked: boolean
}

/** One item of a listing. */
export async function describeEntry(entry: TreeEntry, context: DescribeContext): Promise<unknown> {
  const { commit, expand, masked } = context
  const lastCommit = expand
    ? { lastCommit: { id: commit.hash, title: commit.title, date: commit.date } }
    : {}
  if (entry.kind === 'folder') {
    const { oid } = await entry.describe()
    return { type: 'directory', oid, size: 0, path: entry.path, ...lastCommit }
  }
  const { file } = entry
  const { oid, lfs } = await file.describe()
  const size = file.source.sizeBytes
  return {
    type: 'file',
    oid,
    size,
    ...(lfs ? { lfs: { oid: lfs.sha256, size, pointerSize: lfs.pointerSizeBytes } } : {}),
    ...(file.xetHash === undefined ? {} : { xetHash: masked ? '*'.repeat(64) : file.xetHash }),
    path: file.path,
    ...lastCommit,
    ...(expand ? { securityFileStatus: securityOf(size) } : {}),
  }
}

function securityOf(size: number): unknown {
  const status = size === 0 ? 'unscanned' : 'safe'
  return { status, avScan: { status }, pickleImportScan: { status, pickleImports: [] } }
}

interface PageRequest {
  readonly folder: string
  readonly recursive: boolean
  readonly from: number
  readonly limit: number
}

function selectPage(
  tree: CommitTree,
  page: PageRequest,
): { readonly entries: readonly TreeEntry[]; readonly next: number | undefined } {
  const prefix = page.folder === '' ? '' : `${page.folder}/`
  const entries: TreeEntry[] = []
  for (let index = page.from; index < tree.count; index++) {
    const entry = tree.at(index)
    if (!entry.path.startsWith(prefix)) continue
    if (!page.recursive && entry.path.includes('/', prefix.length)) continue
    if (entries.length === page.limit) return { entries, next: index }
    entries.push(entry)
  }
  return { entries, next: undefined }
}

/** A cursor is opaque to clients; here it is the index of the next entry. */
function parseCursor(cursor: string | null): number {
  if (cursor === null) return 0
  const index = Number(Buffer.from(cursor, 'base64url').toString())
  return Number.isSafeInteger(index) && index >= 0 ? index : 0
}

function clampLimit(limit: string | null, pageSize: number): number {
  const wanted = Number(limit ?? pageSize)
  return Number.isSafeInteger(wanted) && wanted > 0 ? Math.min(wanted, pageSize) : pageSize
}

function linkNext(request: HubRequest, next: number | undefined): Record<string, string> {
  if (next === undefined) return {}
  const query = new URLSearchParams(request.query)
  query.set('cursor', Buffer.from(String(next)).toString('base64url'))
  return { Link: `<${request.origins.hub}${request.rawPath}?${query.toString()}>; rel="next"` }
}

function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1'
}
