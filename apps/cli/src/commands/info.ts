import type { Command } from 'commander'
import { withExamples } from '../examples.ts'
import type { CliIo } from '../io.ts'
import { addOutputFlags, type OutputFlags } from '../output/format.ts'
import { addRepoFlags, type RepoFlags } from './repo-flags.ts'

export interface InfoFlags extends OutputFlags, RepoFlags {}

export function addInfo(program: Command, io: CliIo): void {
  const command = program
    .command('info')
    .description('print what a repository is: commit, access, size, branches and tags')
    .argument('<repo>', 'org/name, datasets/org/name, an hf:// URI or a Hub URL')
  addRepoFlags(command)
  addOutputFlags(command)
  withExamples(command, ['hfx info openai/whisper-tiny', 'hfx info openai/whisper-tiny --json'])
  command.action(async (repo: string, flags: InfoFlags) => {
    const { runInfo } = await import('../actions/info.ts')
    await runInfo(io, repo, flags)
  })
}
