import { type Command, Option } from 'commander'
import { withExamples } from '../examples.ts'
import type { CliIo } from '../io.ts'
import { addOutputFlags, type OutputFlags } from '../output/format.ts'
import { collect } from '../parse-flag.ts'
import { addRepoFlags, type RepoFlags } from './repo-flags.ts'

export interface LockFileFlags extends OutputFlags {
  readonly lockFile?: string
}

export interface LockFlags extends LockFileFlags, RepoFlags {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly weights?: string
}

export interface OutdatedFlags extends LockFileFlags {
  readonly endpoint?: string
  readonly exitCode?: boolean
}

export interface UpdateFlags extends LockFileFlags {
  readonly endpoint?: string
  readonly dryRun?: boolean
}

export interface VerifyFlags extends LockFileFlags {
  readonly endpoint?: string
  readonly offline?: boolean
  readonly cacheDir?: string
  readonly localDir?: string
}

export function addLock(program: Command, io: CliIo): void {
  const command = program
    .command('lock')
    .description('write the commit, files, sizes and hashes of a repository into hf.lock')
    .argument('<repos...>', 'org/name, org/name:QUANT, or an address')
    .option('--include <pattern>', 'lock files that match; may be repeated', collect)
    .option('--exclude <pattern>', 'leave files out that match; may be repeated', collect)
    .addOption(
      new Option('--weights <choice>', 'auto: leave out the same weights in other formats').choices(
        ['all', 'auto'],
      ),
    )
  addRepoFlags(command)
  addLockFile(command)
  withExamples(command, ['hfx lock openai/whisper-tiny', 'hfx lock acme/tiny-GGUF:Q4_K_M'])
  command.action(async (repos: string[], flags: LockFlags) => {
    const { runLock } = await import('../actions/lock.ts')
    await runLock(io, repos, flags)
  })
}

export function addOutdated(program: Command, io: CliIo): void {
  const command = program
    .command('outdated')
    .description('compare hf.lock with what its branches and tags mean now')
    .option('--exit-code', 'end with 1 when something is outdated')
    .option('--endpoint <url>', 'address of the Hub or of a mirror')
  addLockFile(command)
  withExamples(command, ['hfx outdated'])
  command.action(async (flags: OutdatedFlags) => {
    const { runOutdated } = await import('../actions/lock-update.ts')
    await runOutdated(io, flags)
  })
}

export function addUpdate(program: Command, io: CliIo): void {
  const command = program
    .command('update')
    .description('bring hf.lock to what its branches and tags mean now, chosen as before')
    .argument('[repos...]', 'only these of the lock')
    .option('--dry-run', 'show what would change, and write nothing')
    .option('--endpoint <url>', 'address of the Hub or of a mirror')
  addLockFile(command)
  withExamples(command, ['hfx update --dry-run'])
  command.action(async (repos: string[], flags: UpdateFlags) => {
    const { runUpdate } = await import('../actions/lock-update.ts')
    await runUpdate(io, repos, flags)
  })
}

export function addVerify(program: Command, io: CliIo): void {
  const command = program
    .command('verify')
    .description('hash the files of hf.lock on this machine, and compare the lock with the Hub')
    .option('--offline', 'only this machine; ask nobody')
    .option('--cache-dir <folder>', 'the shared cache to use')
    .option('--local-dir <folder>', 'check this folder instead of the cache')
    .option('--endpoint <url>', 'address of the Hub or of a mirror')
  addLockFile(command)
  withExamples(command, ['hfx verify --offline'])
  command.action(async (flags: VerifyFlags) => {
    const { runVerify } = await import('../actions/lock-verify.ts')
    await runVerify(io, flags)
  })
}

function addLockFile(command: Command): void {
  command.option('--lock-file <file>', 'the lock file (default hf.lock)')
  addOutputFlags(command)
}
