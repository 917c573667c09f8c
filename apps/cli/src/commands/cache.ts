import type { Command } from 'commander'
import { withExamples } from '../examples.ts'
import type { CliIo } from '../io.ts'
import { addOutputFlags, type OutputFlags } from '../output/format.ts'
import { collect, parseWhole } from '../parse-flag.ts'
import { addRepoFlags, type RepoFlags } from './repo-flags.ts'

export interface CacheFlags extends OutputFlags {
  readonly cacheDir?: string
}

export interface CacheLsFlags extends CacheFlags {
  readonly revisions?: boolean
  readonly filter?: readonly string[]
  readonly sort?: string
  readonly limit?: number
  readonly showWarnings?: boolean
}

export interface CacheRemoveFlags extends CacheFlags {
  readonly yes?: boolean
  readonly dryRun?: boolean
}

export interface CachePruneFlags extends CacheRemoveFlags {
  readonly looseOlderThan?: string
}

export interface CacheGcFlags extends CachePruneFlags {
  readonly maxSize?: string
  readonly olderThan?: string
  readonly keepRefs?: boolean
  readonly pin?: readonly string[]
}

export interface CacheVerifyFlags extends CacheFlags, RepoFlags {
  readonly localDir?: string
  readonly failOnMissingFiles?: boolean
  readonly failOnExtraFiles?: boolean
  readonly repair?: boolean
}

export interface CacheAdoptFlags extends CacheFlags, RepoFlags {
  readonly scan?: readonly string[]
  readonly dryRun?: boolean
}

export function addCache(program: Command, io: CliIo): void {
  const cache = program.command('cache').description('look into, check and tidy the shared cache')
  addLs(cache, io)
  addRm(cache, io)
  addPrune(cache, io)
  addGc(cache, io)
  addVerify(cache, io)
  addAdopt(cache, io)
  addPath(cache, io)
}

function addLs(cache: Command, io: CliIo): void {
  const command = cache
    .command('ls')
    .alias('list')
    .description('list repositories (or revisions) of the cache with size and use')
    .option('--revisions', 'one line for each revision')
    .option(
      '-f, --filter <filter>',
      'like size>1GB, accessed>7d, type=dataset; may be repeated',
      collect,
    )
    .option('--sort <order>', 'accessed, modified, name or size, with :asc or :desc')
    .option('--limit <count>', 'at most so many lines', parseWhole)
    .option('--show-warnings', 'print what is wrong with the cache, line by line')
  addCacheFlags(command)
  withExamples(command, ['hfx cache ls', 'hfx cache ls --filter "size>1MB" --sort size --limit 5'])
  command.action(async (flags: CacheLsFlags) => {
    const { runCacheLs } = await import('../actions/cache-ls.ts')
    await runCacheLs(io, flags)
  })
}

function addRm(cache: Command, io: CliIo): void {
  const command = cache
    .command('rm')
    .alias('remove')
    .description('remove repositories or revisions from the cache')
    .argument('<targets...>', 'model/org/name, org/name, org/name@revision, or a commit hash')
  addRemoveFlags(command)
  withExamples(command, ['hfx cache rm openai/whisper-tiny --dry-run'])
  command.action(async (targets: string[], flags: CacheRemoveFlags) => {
    const { runCacheRm } = await import('../actions/cache-remove.ts')
    await runCacheRm(io, targets, flags)
  })
}

function addPrune(cache: Command, io: CliIo): void {
  const command = cache
    .command('prune')
    .description('remove revisions that no branch or tag names, and what broken downloads left')
    .option('--loose-older-than <age>', 'partials and orphans younger than this stay (default 1d)')
  addRemoveFlags(command)
  withExamples(command, ['hfx cache prune --dry-run'])
  command.action(async (flags: CachePruneFlags) => {
    const { runCachePrune } = await import('../actions/cache-remove.ts')
    await runCachePrune(io, flags)
  })
}

function addGc(cache: Command, io: CliIo): void {
  const command = cache
    .command('gc')
    .description('remove the least recently used revisions until the cache is small enough')
    .option('--max-size <size>', 'bytes that may stay, like 200GB')
    .option('--older-than <age>', 'remove what was not used for so long, like 30d')
    .option('--keep-refs', 'keep every revision that a branch or tag names')
    .option('--pin <repo>', 'never remove this repository; may be repeated', collect)
    .option('--loose-older-than <age>', 'partials and orphans younger than this stay (default 1d)')
  addRemoveFlags(command)
  withExamples(command, ['hfx cache gc --max-size 200GB --dry-run'])
  command.action(async (flags: CacheGcFlags) => {
    const { runCacheGc } = await import('../actions/cache-remove.ts')
    await runCacheGc(io, flags)
  })
}

function addVerify(cache: Command, io: CliIo): void {
  const command = cache
    .command('verify')
    .description('hash the files of a revision and compare; only --repair needs the network')
    .argument('<repo>', 'org/name, or datasets/org/name')
    .option('--local-dir <folder>', 'check this folder instead of the cache')
    .option('--fail-on-missing-files', 'a file that is not here is a failure')
    .option('--fail-on-extra-files', 'a file that the repository does not have is a failure')
    .option('--repair', 'fetch damaged files again, and missing ones with --fail-on-missing-files')
  addRepoFlags(command)
  addCacheFlags(command)
  withExamples(command, [
    'hfx cache verify openai/whisper-tiny',
    'hfx cache verify openai/whisper-tiny --repair',
  ])
  command.action(async (repo: string, flags: CacheVerifyFlags) => {
    const { runCacheVerify } = await import('../actions/cache-verify.ts')
    await runCacheVerify(io, repo, flags)
  })
}

function addAdopt(cache: Command, io: CliIo): void {
  const command = cache
    .command('adopt')
    .description('take files that Ollama, LM Studio or a folder already has into the cache')
    .argument('<repo>', 'org/name, or datasets/org/name')
    .option('--scan <folder>', 'look here, too; may be repeated', collect)
    .option('--dry-run', 'show what would be taken')
  addRepoFlags(command)
  addCacheFlags(command)
  withExamples(command, ['hfx cache adopt openai/whisper-tiny --dry-run'])
  command.action(async (repo: string, flags: CacheAdoptFlags) => {
    const { runCacheAdopt } = await import('../actions/cache-adopt.ts')
    await runCacheAdopt(io, repo, flags)
  })
}

function addPath(cache: Command, io: CliIo): void {
  const command = cache
    .command('path')
    .description('print the folder of the cache, or of a repository in it')
    .argument('[repo]', 'org/name, or datasets/org/name')
  addRepoFlags(command, { endpoint: false })
  addCacheFlags(command)
  withExamples(command, ['hfx cache path', 'hfx cache path openai/whisper-tiny'])
  command.action(async (repo: string | undefined, flags: CacheFlags & RepoFlags) => {
    const { runCachePath } = await import('../actions/cache-path.ts')
    await runCachePath(io, repo, flags)
  })
}

function addRemoveFlags(command: Command): void {
  command
    .option('-y, --yes', 'do not ask')
    .option('--dry-run', 'show what would be removed, and remove nothing')
  addCacheFlags(command)
}

function addCacheFlags(command: Command): void {
  command.option('--cache-dir <folder>', 'the cache to use')
  addOutputFlags(command)
}
