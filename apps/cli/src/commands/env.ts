import type { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { addOutputFlags, type OutputFlags } from '../output/format.ts'

export function addEnv(program: Command, io: CliIo): void {
  const command = program
    .command('env')
    .description('print versions, folders and settings, for a bug report; secrets are masked')
  addOutputFlags(command)
  command.action(async (flags: OutputFlags) => {
    const { runEnv } = await import('../actions/env.ts')
    await runEnv(io, flags)
  })
}
