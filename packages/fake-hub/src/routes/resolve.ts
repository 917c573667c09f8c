import { createHash } from 'node:crypto'
import { type Answer, answerRefusal, answerText } from '../answer.ts'
import { entryNotFound, refuseFiles } from '../access.ts'
import { contentTypeOf, formatDisposition } from '../content-type.ts'
import { findFault } from '../fault.ts'
import { encodePart, encodePath, type HubRequest } from '../hub-request.ts'
import { type HubState } from '../hub-state.ts'
import { type StoredCommit, type StoredRepo } from '../repo-store.ts'
import { answerFile } from '../serve-file.ts'
import { type StoredFile } from '../stored-file.ts'

export interface FileSubject {
  readonly repo: StoredRepo
  readonly commit: StoredCommit
  readonly path: string
}

/** `GET|HEAD /{id}/resolve/{rev}/{path}` */
export async function answerResolve(
  state: HubState,
  request: HubRequest,
  subject: FileSubject,
): Promise<Answer> {
  const { repo, commit, path } = subject
  const commitHeader = { 'X-Repo-Commit': commit.hash }
  const gate = refuseFiles(repo, request.user)
  if (gate) return answerRefusal({ ...gate, headers: commitHeader }, false)
  const entry = commit.tree.find(path)
  if (entry?.kind !== 'file')
    return answerRefusal({ ...entryNotFound, headers: commitHeader }, false)
  if (entry.file.lfs) return redirectToData(state, request, { ...subject, file: entry.file })
  if (isServedDirectly(repo, entry.file)) return answerGitFile(request, subject, entry.file)
  return redirectToResolveCache(request, subject, entry.file)
}

/** The Hub keeps no public copy of what not everyone may see, of nameless owners' files, and of empty files. */
function isServedDirectly(repo: StoredRepo, file: StoredFile): boolean {
  const { spec, id } = repo
  return (
    spec.private === true ||
    spec.gated !== undefined ||
    !id.includes('/') ||
    file.source.sizeBytes === 0
  )
}

/** `GET|HEAD /api/resolve-cache/{type}s/{id}/{commit}/{path}`: the bytes of a git file. */
export async function answerResolveCache(
  request: HubRequest,
  subject: FileSubject,
): Promise<Answer> {
  const entry = subject.commit.tree.find(subject.path)
  const gate = refuseFiles(subject.repo, request.user)
  if (gate) return answerRefusal(gate, true)
  if (entry?.kind !== 'file' || entry.file.lfs) return answerRefusal(entryNotFound, true)
  return answerGitFile(request, subject, entry.file)
}

async function answerGitFile(
  request: HubRequest,
  subject: FileSubject,
  file: StoredFile,
): Promise<Answer> {
  return answerFile(request, file.source, {
    'Content-Type': contentTypeOf(file.path),
    'Content-Disposition': formatDisposition(file.path),
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Accept-Ranges': 'bytes',
    Etag: await etagOf(file),
    'X-Repo-Commit': subject.commit.hash,
    'X-Hub-Cache': 'HIT',
    Vary: 'Origin',
  })
}

async function redirectToResolveCache(
  request: HubRequest,
  subject: FileSubject,
  file: StoredFile,
): Promise<Answer> {
  const { repo, commit } = subject
  const etag = await etagOf(file)
  const query = `${encodePart(request.rawPath + request.search)}=&etag=${encodePart(etag)}`
  const location = `/api/resolve-cache/${repo.type}s/${repo.id}/${commit.hash}/${encodePath(file.path)}?${query}`
  return answerText(307, `Temporary Redirect. Redirecting to ${location}`, {
    Location: location,
    'X-Repo-Commit': commit.hash,
    'Accept-Ranges': 'bytes',
    Vary: 'Origin, Accept',
  })
}

async function redirectToData(
  state: HubState,
  request: HubRequest,
  subject: BlobSubject,
): Promise<Answer> {
  const { file, commit } = subject
  const location = await signLocation(state, request, subject)
  return answerText(302, `Found. Redirecting to ${location}`, {
    Location: location,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
    'X-Repo-Commit': commit.hash,
    'X-Linked-Size': String(file.source.sizeBytes),
    'X-Linked-Etag': await etagOf(file),
    ...describeXet(state, request, subject),
    'X-Hub-Cache': 'MISS',
    Vary: 'Origin, Accept',
  })
}

interface BlobSubject extends FileSubject {
  readonly file: StoredFile
}

async function signLocation(
  state: HubState,
  request: HubRequest,
  subject: BlobSubject,
): Promise<string> {
  const { options, signer } = state
  const { file, repo } = subject
  const { lfs, oid } = await file.describe()
  const sha256 = lfs?.sha256 ?? oid
  const lifeMs = findFault(request.faults, 'expireUrl') ? -1000 : options.signedUrlMs
  const query = {
    'response-content-disposition': formatDisposition(file.path),
    'response-content-type': contentTypeOf(file.path),
    path: file.path,
  }
  if (options.cdnRedirect !== undefined)
    return options.cdnRedirect + signer.sign(`/${sha256}`, query, lifeMs)
  const shelf = file.xetHash === undefined ? 'repos' : 'xet-bridge-us'
  const key = createHash('sha1').update(`${repo.type}:${repo.id}`).digest('hex').slice(0, 24)
  const path = `/${shelf}/${key}/${file.xetHash ?? sha256}`
  state.blobs.set(path, file)
  return request.origins.cdn + signer.sign(path, query, lifeMs)
}

function describeXet(
  state: HubState,
  request: HubRequest,
  subject: BlobSubject,
): Record<string, string> {
  const { repo, commit, file } = subject
  if (file.xetHash === undefined) return {}
  const auth = `${request.origins.hub}/api/${repo.type}s/${repo.id}/xet-read-token/${commit.hash}`
  const cas = state.options.casUrl ?? request.origins.cdn
  const info = `${cas}/v1/reconstructions/${file.xetHash}`
  return {
    'X-Xet-Hash': file.xetHash,
    Link: `<${auth}>; rel="xet-auth", <${info}>; rel="xet-reconstruction-info"`,
  }
}

async function etagOf(file: StoredFile): Promise<string> {
  const { oid, lfs } = await file.describe()
  return file.etag ?? `"${lfs?.sha256 ?? oid}"`
}
