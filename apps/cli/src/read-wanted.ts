import { HubError } from '@hfx/core'
import type { DownloadFlags } from './commands/download.ts'
import { isAddress, parseRepoArgument } from './read-repo.ts'

/** One repository, or a part of it, that a command line wants. */
export interface Wanted {
  readonly repo: string
  /** The one file that is wanted, when no listing is needed to know it. */
  readonly file?: string
  readonly allowPatterns?: readonly string[]
  readonly quant?: string
}

export interface DownloadRequest {
  readonly repo: string | undefined
  readonly files: readonly string[]
  readonly flags: DownloadFlags
}

/**
 * What is to be downloaded: one repository with files, several addresses, or the lines of `--from`.
 * @throws HubError `HUB_INVALID_OPTION` for flags that exclude each other, or nothing to do
 */
export function readWanted(
  request: DownloadRequest,
  lines: readonly string[] | undefined,
): readonly Wanted[] {
  const { repo, files, flags } = request
  if (lines) return lines.map((line) => withPatterns(parseRepoArgument(line), flags))
  if (repo === undefined) throw nothingNamed()
  const all = [repo, ...files]
  if (files.length > 0 && all.every(isAddress))
    return all.map((address) => withPatterns({ repo: address }, flags))
  return [wantOne(repo, files, flags)]
}

/** The lines of a list of repositories; `#` begins a remark. */
export function parseList(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
}

/** A file name as a pattern that matches nothing else. */
export function literalPattern(path: string): string {
  return path.replace(/[*?[]/g, '[$&]')
}

function wantOne(text: string, files: readonly string[], flags: DownloadFlags): Wanted {
  const argument = parseRepoArgument(text)
  if (argument.quant !== undefined && files.length > 0)
    throw conflict(`${text} names files by their quantisation, and so do the files after it`)
  const [first] = files
  if (first === undefined) return withPatterns(argument, flags)
  const isFolder = files.some((file) => file.endsWith('/'))
  if (
    files.length === 1 &&
    !isFolder &&
    flags.weights === undefined &&
    !flags.dryRun &&
    !flags.plan
  )
    return { ...argument, file: first }
  return {
    ...argument,
    allowPatterns: files.map((file) => `${literalPattern(file)}${file.endsWith('/') ? '*' : ''}`),
  }
}

function withPatterns(
  argument: { readonly repo: string; readonly quant?: string },
  flags: DownloadFlags,
): Wanted {
  return { ...argument, ...(flags.include ? { allowPatterns: flags.include } : {}) }
}

/** @throws HubError `HUB_INVALID_OPTION` naming two flags of which only one can be */
export function refuseConflicts({ repo, files, flags }: DownloadRequest): void {
  const named = files.length > 0 && !files.every(isAddress)
  const pairs: readonly (readonly [unknown, unknown, string])[] = [
    [flags.localDir, flags.cacheDir, '--local-dir and --cache-dir'],
    [named || undefined, flags.include ?? flags.exclude, 'files and --include or --exclude'],
    [flags.from, repo, '--from and a repository'],
    [flags.localFilesOnly, flags.policy, '--local-files-only and --policy'],
    [flags.localFilesOnly, flags.forceDownload, '--local-files-only and --force-download'],
  ]
  const found = pairs.find(([one, other]) => one !== undefined && other !== undefined)
  if (found) throw conflict(`${found[2]} exclude each other`)
  if (flags.lockFile !== undefined && !flags.frozen)
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: '--lock-file only counts together with --frozen',
      hint: 'Add --frozen, or write a lock file with hfx lock.',
    })
}

function conflict(message: string): HubError {
  return new HubError({ code: 'HUB_INVALID_OPTION', message, hint: 'Give one of them.' })
}

function nothingNamed(): HubError {
  return new HubError({
    code: 'HUB_INVALID_OPTION',
    message: 'there is no repository to download',
    hint: 'Name one, like "hfx download openai/whisper-tiny", or a list of them with --from.',
  })
}
