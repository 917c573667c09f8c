import type { Command } from 'commander'
import { withExamples } from '../examples.ts'
import type { CliIo } from '../io.ts'
import { addOutputFlags, type OutputFlags } from '../output/format.ts'
import { checkBytes, collect, parseCount } from '../parse-flag.ts'
import { addRepoFlags, type RepoFlags } from './repo-flags.ts'

export interface BenchFlags extends OutputFlags, RepoFlags {
  readonly file?: string
  readonly connections?: readonly string[]
  readonly rounds?: number
  readonly limitRate?: string
}

export function addBench(program: Command, io: CliIo): void {
  const command = program
    .command('bench')
    .description(
      'measure your own network: one file, fetched with different numbers of connections',
    )
    .argument('<repo>', 'org/name, datasets/org/name, or an address')
    .option('--file <file>', 'the file to fetch (default the largest below 1 GB)')
    .option(
      '--connections <count>',
      'connections to try; may be repeated (default auto and 1)',
      collect,
    )
    .option('--rounds <count>', 'times that each is measured (default 1)', parseCount)
    .option('--limit-rate <rate>', 'bytes a second over everything, like 20MB', checkBytes)
  addRepoFlags(command)
  addOutputFlags(command)
  withExamples(command, ['hfx bench openai/whisper-tiny'])
  command.action(async (repo: string, flags: BenchFlags) => {
    const { runBench } = await import('../actions/bench.ts')
    await runBench(io, repo, flags)
  })
}
