import { type Command, Option } from 'commander'
import { withExamples } from '../examples.ts'
import type { CliIo } from '../io.ts'
import { addOutputFlags, type OutputFlags } from '../output/format.ts'
import { checkBytes, collect, parseCount } from '../parse-flag.ts'
import { addRepoFlags, type RepoFlags } from './repo-flags.ts'

export interface DownloadFlags extends OutputFlags, RepoFlags {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly weights?: string
  readonly mmproj?: boolean
  readonly from?: string
  readonly frozen?: boolean
  readonly lockFile?: string
  readonly cacheDir?: string
  readonly localDir?: string
  readonly forceDownload?: boolean
  readonly forceSpace?: boolean
  readonly dryRun?: boolean
  readonly plan?: boolean
  readonly verify?: boolean
  readonly localFilesOnly?: boolean
  readonly policy?: string
  readonly maxWorkers?: number
  readonly connections?: number
  readonly limitRate?: string
  readonly maxMemory?: string
  readonly progress?: string
}

export function addDownload(program: Command, io: CliIo): void {
  const command = program
    .command('download')
    .description('bring files of repositories into the shared cache or a folder, verified')
    .argument('[repo]', 'org/name, org/name:QUANT, datasets/org/name, an hf:// URI or a Hub URL')
    .argument('[files...]', 'files of the repository, or folders with a "/" at the end')
  addRepoFlags(command)
  addSelection(command)
  addPlaces(command)
  addTuning(command)
  addOutputFlags(command)
  withExamples(command, [
    'hfx download openai/whisper-tiny',
    'hfx download openai/whisper-tiny config.json',
    'hfx download openai/whisper-tiny --include "*.json" --local-dir ./whisper',
    'hfx download openai/whisper-tiny --weights auto --plan',
    'hfx download acme/tiny-GGUF:Q4_K_M',
  ])
  command.action(async (repo: string | undefined, files: string[], flags: DownloadFlags) => {
    const { runDownload } = await import('../actions/download.ts')
    await runDownload(io, { repo, files, flags })
  })
}

function addSelection(command: Command): void {
  command
    .option('--include <pattern>', 'keep files that match; may be repeated', collect)
    .option('--exclude <pattern>', 'drop files that match; may be repeated', collect)
    .addOption(
      new Option('--weights <choice>', 'auto: leave out the same weights in other formats').choices(
        ['all', 'auto'],
      ),
    )
    .option('--mmproj', 'with org/name:QUANT, take the vision projector along')
    .option('--from <file>', 'read repositories from a file, one in a line; "-" is standard input')
    .option('--frozen', 'exactly what the lock file says; the Hub is not asked what there is')
    .option('--lock-file <file>', 'the lock file of --frozen (default hf.lock)')
}

function addPlaces(command: Command): void {
  command
    .option('--cache-dir <folder>', 'the shared cache to use')
    .option('--local-dir <folder>', 'put real files into this folder')
    .option('--force-download', 'fetch every byte again')
    .option('--force-space', 'start although the disk seems too small')
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('--plan', 'the same as --dry-run')
    .option('--verify', 'hash files that are here already, too')
    .option('--local-files-only', 'never touch the network')
    .option(
      '--policy <policy>',
      'cache-only, cache-first, revalidate, revalidate=<time> or network',
    )
}

function addTuning(command: Command): void {
  command
    .option('--max-workers <count>', 'files under way at once', parseCount)
    .option('--connections <count>', 'connections, fixed instead of adapting', parseCount)
    .option('--limit-rate <rate>', 'bytes a second over everything, like 20MB', checkBytes)
    .option('--max-memory <size>', 'bytes held in memory for the disk, like 64MiB', checkBytes)
    .addOption(
      new Option('--progress <mode>', 'how progress is shown on stderr').choices([
        'auto',
        'bars',
        'log',
        'json',
        'none',
      ]),
    )
}
