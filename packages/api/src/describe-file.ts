import {
  type ContentHash,
  type DescribedFile,
  type FileLocation,
  HttpError,
  isCommitHash,
  type PinnedFile,
  redactUrl,
  type RepoFile,
  type RepoRef,
  type StepOptions,
} from '@hfx/core'
import type { AskDeps } from './deps.ts'
import { describePaths } from './describe-paths.ts'
import { resolveRevision } from './describe-repo.ts'
import { askAbout, isHttpError } from './name-failure.ts'
import { type FileMetadata, readMetadataHeaders } from './read-metadata-headers.ts'

export interface DescribeFileQuestion {
  readonly repo: RepoRef
  readonly revision: string
  readonly path: string
}

/**
 * What a file is at a revision and where its bytes are: one HEAD on the Hub. What a mirror leaves out of its headers
 * (MI-2) is asked from the repository information and from paths-info.
 * @throws HttpError `HUB_METADATA_MISSING` when neither says how large the file is or how it is named
 */
export async function describeFile(
  deps: AskDeps,
  question: DescribeFileQuestion,
  options: StepOptions = {},
): Promise<DescribedFile> {
  const seen = await askHead(deps, question, options)
  if (
    seen.commit !== undefined &&
    seen.etag !== undefined &&
    seen.hash &&
    seen.sizeBytes !== undefined
  ) {
    return {
      file: pinSeen(deps, question, { ...seen, commit: seen.commit }),
      location: seen.location,
    }
  }
  const commit = seen.commit ?? (await resolveRevision(deps, question, options)).commit
  const listed = await findListed(deps, { ...question, revision: commit }, options)
  const file = pinSeen(deps, question, combine(seen, listed, commit))
  return { file, location: seen.location }
}

/**
 * Where the bytes of a pinned file are now. Files of git itself are served by the Hub under their resolve URL, so
 * only files behind a signed URL cost a request.
 */
export async function locateFile(
  deps: AskDeps,
  file: PinnedFile,
  options: StepOptions = {},
): Promise<FileLocation> {
  if (file.hash?.algorithm === 'git-sha1') {
    return { url: deps.urls.resolve(file.repo, file.commit, file.path) }
  }
  const question = { repo: file.repo, revision: file.commit, path: file.path }
  return (await askHead(deps, question, options)).location
}

const nothingSeen: Omit<FileMetadata, 'location'> = {
  commit: undefined,
  etag: undefined,
  hash: undefined,
  sizeBytes: undefined,
  xetHash: undefined,
}

async function askHead(
  deps: AskDeps,
  question: DescribeFileQuestion,
  options: StepOptions,
): Promise<FileMetadata> {
  const url = deps.urls.resolve(question.repo, question.revision, question.path)
  try {
    const response = await askAbout(deps, question, () =>
      deps.transport.send(
        {
          method: 'HEAD',
          url,
          headers: { 'accept-encoding': 'identity' },
          redirect: 'same-origin',
        },
        options,
      ),
    )
    return readMetadataHeaders(response)
  } catch (error) {
    // Some artifact servers know no HEAD; the listing tells the rest.
    if (isHttpError(error) && (error.status === 405 || error.status === 501)) {
      return { ...nothingSeen, location: { url } }
    }
    throw error
  }
}

/** The file as paths-info knows it; undefined where a mirror has no such route. */
async function findListed(
  deps: AskDeps,
  question: DescribeFileQuestion,
  options: StepOptions,
): Promise<RepoFile | undefined> {
  const { repo, revision, path } = question
  try {
    const [file] = await describePaths(deps, { repo, revision, paths: [path] }, options)
    return file
  } catch (error) {
    const isAnswer = isHttpError(error) && (error.status ?? 500) < 500
    if (isAnswer && error.code !== 'HUB_RATE_LIMITED') return undefined
    throw error
  }
}

type PinnedMetadata = FileMetadata & { readonly commit: string }

/** The header's ETag names the blob, as it does in Python; the listing's hash and size prove the bytes. */
function combine(seen: FileMetadata, listed: RepoFile | undefined, commit: string): PinnedMetadata {
  if (!listed) return { ...seen, commit }
  const hash: ContentHash = listed.lfs
    ? { algorithm: 'sha256', digest: listed.lfs.sha256 }
    : { algorithm: 'git-sha1', digest: listed.blobId }
  return {
    location: seen.location,
    commit,
    etag: seen.etag ?? hash.digest,
    hash,
    sizeBytes: listed.sizeBytes,
    xetHash: listed.xetHash ?? seen.xetHash,
  }
}

function pinSeen(deps: AskDeps, question: DescribeFileQuestion, seen: PinnedMetadata): PinnedFile {
  const { commit, etag, sizeBytes, hash, xetHash } = seen
  if (etag === undefined) throw missingMetadata(deps, question, 'ETag')
  if (sizeBytes === undefined) throw missingMetadata(deps, question, 'Content-Length')
  return {
    repo: question.repo,
    path: question.path,
    commit,
    sizeBytes,
    etag,
    ...(hash === undefined ? {} : { hash }),
    ...(xetHash === undefined ? {} : { xetHash }),
  }
}

function missingMetadata(
  deps: AskDeps,
  { repo, revision, path }: DescribeFileQuestion,
  header: string,
): HttpError {
  const isPinned = isCommitHash(revision)
  return new HttpError({
    code: 'HUB_METADATA_MISSING',
    message: `${deps.urls.endpoint} does not say enough about ${path} of ${repo.type} ${repo.id}: ${header} is missing`,
    hint: isPinned
      ? 'A mirror or proxy drops headers and has no paths-info route; use another endpoint.'
      : 'A mirror or proxy drops headers; use another endpoint, or give the full commit hash as revision.',
    url: redactUrl(deps.urls.resolve(repo, revision, path)),
    retryable: false,
  })
}
