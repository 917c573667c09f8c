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
  if (repo.spec.private === true || repo.spec.gated !== undefined)
    return answerGitFile(request, subject, entry.file)
  return redirectToResolveCache(request, subject, entry.file)
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
  subject: FileSubject & { readonly file: StoredFile },
): Promise<Answer> {
  const { file, repo, commit } = subject
  const { lfs } = await file.describe()
  if (!lfs) return answerRefusal(entryNotFound, false)
  state.blobs.set(lfs.sha256, file)
  const location = signLocation(state, request, { repo, file, sha256: lfs.sha256 })
  return answerText(302, `Found. Redirecting to ${location}`, {
    Location: location,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
    'X-Repo-Commit': commit.hash,
    'X-Linked-Size': String(file.source.sizeBytes),
    'X-Linked-Etag': await etagOf(file),
    ...describeXet(state, { repo, commit, file }),
    'X-Hub-Cache': 'MISS',
    Vary: 'Origin, Accept',
  })
}

function signLocation(
  state: HubState,
  request: HubRequest,
  blob: { readonly repo: StoredRepo; readonly file: StoredFile; readonly sha256: string },
): string {
  const { options, origins, signer } = state
  const expired = findFault(request.faults, 'expireUrl') !== undefined
  const lifeMs = expired ? -1000 : options.signedUrlMs
  const query = {
    'response-content-disposition': formatDisposition(blob.file.path),
    'response-content-type': contentTypeOf(blob.file.path),
    path: blob.file.path,
  }
  if (options.cdnRedirect !== undefined)
    return options.cdnRedirect + signer.sign(`/${blob.sha256}`, query, lifeMs)
  return origins.cdn + signer.sign(`/repos/${blob.repo.id}/${blob.sha256}`, query, lifeMs)
}

function describeXet(
  state: HubState,
  subject: { readonly repo: StoredRepo; readonly commit: StoredCommit; readonly file: StoredFile },
): Record<string, string> {
  const { repo, commit, file } = subject
  if (file.xetHash === undefined) return {}
  const auth = `${state.origins.hub}/api/${repo.type}s/${repo.id}/xet-read-token/${commit.hash}`
  const cas = state.options.casUrl ?? state.origins.cdn
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
