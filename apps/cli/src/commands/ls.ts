import type { Command } from 'commander'
import { withExamples } from '../examples.ts'
import type { CliIo } from '../io.ts'
import { addOutputFlags, type OutputFlags } from '../output/format.ts'
import { addRepoFlags, type RepoFlags } from './repo-flags.ts'

export interface LsFlags extends OutputFlags, RepoFlags {
  readonly tree?: boolean
}

export interface LsRequest {
  readonly repo: string
  readonly path: string | undefined
  readonly flags: LsFlags
}

export function addLs(program: Command, io: CliIo): void {
  const command = program
    .command('ls')
    .description('list the files of a repository with their sizes')
    .argument('<repo>', 'org/name, datasets/org/name, an hf:// URI or a Hub URL')
    .argument('[path]', 'a folder of the repository')
  command.option('--tree', 'draw folders as a tree')
  addRepoFlags(command)
  addOutputFlags(command)
  withExamples(command, ['hfx ls openai/whisper-tiny', 'hfx ls openai/whisper-tiny --tree'])
  command.action(async (repo: string, path: string | undefined, flags: LsFlags) => {
    const { runLs } = await import('../actions/ls.ts')
    await runLs(io, { repo, path, flags })
  })
}
