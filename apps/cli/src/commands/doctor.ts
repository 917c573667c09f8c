import type { Command } from 'commander'
import { withExamples } from '../examples.ts'
import type { CliIo } from '../io.ts'
import { addOutputFlags, type OutputFlags } from '../output/format.ts'

export interface DoctorFlags extends OutputFlags {
  readonly repo?: string
  readonly endpoint?: string
  readonly cacheDir?: string
}

export function addDoctor(program: Command, io: CliIo): void {
  const command = program
    .command('doctor')
    .description('check network, token, clock and cache, and say how to mend what is wrong')
    .option('--repo <repo>', 'repository to ask for (default a tiny public one)')
    .option('--endpoint <url>', 'address of the Hub or of a mirror')
    .option('--cache-dir <folder>', 'the cache to look at')
  addOutputFlags(command)
  withExamples(command, ['hfx doctor --repo openai/whisper-tiny'])
  command.action(async (flags: DoctorFlags) => {
    const { runDoctor } = await import('../actions/doctor.ts')
    await runDoctor(io, flags)
  })
}
