import type { Command } from 'commander'
import { withExamples } from '../examples.ts'
import type { CliIo } from '../io.ts'
import { addOutputFlags, type OutputFlags } from '../output/format.ts'

export interface ExplainFlags extends OutputFlags {
  readonly all?: boolean
}

export interface SetFlags {
  readonly project?: boolean
  readonly unset?: boolean
}

export function addConfig(program: Command, io: CliIo): void {
  const config = program.command('config').description('see and change the options in force')
  addExplain(config, io)
  addPath(config, io)
  addGet(config, io)
  addSet(config, io)
}

function addExplain(config: Command, io: CliIo): void {
  const command = config
    .command('explain')
    .description('print every option that somebody has set, and where its value comes from')
    .argument('[option]', 'one option only, with what it does')
    .option('--all', 'print defaults, too')
  addOutputFlags(command)
  withExamples(command, ['hfx config explain', 'hfx config explain connections'])
  command.action(async (option: string | undefined, flags: ExplainFlags) => {
    const { runConfigExplain } = await import('../actions/config-explain.ts')
    await runConfigExplain(io, option, flags)
  })
}

function addPath(config: Command, io: CliIo): void {
  const command = config.command('path').description('print the configuration files that are read')
  addOutputFlags(command)
  withExamples(command, ['hfx config path'])
  command.action(async (flags: OutputFlags) => {
    const { runConfigPath } = await import('../actions/config-files.ts')
    await runConfigPath(io, flags)
  })
}

function addGet(config: Command, io: CliIo): void {
  const command = config
    .command('get')
    .description('print the value of an option')
    .argument('<option>', 'name of the option')
  addOutputFlags(command)
  withExamples(command, ['hfx config get endpoint'])
  command.action(async (option: string, flags: OutputFlags) => {
    const { runConfigGet } = await import('../actions/config-explain.ts')
    await runConfigGet(io, option, flags)
  })
}

function addSet(config: Command, io: CliIo): void {
  const command = config
    .command('set')
    .description('write an option into the configuration file of the user')
    .argument('<option>', 'name of the option')
    .argument('[value]', 'its value; lists with commas')
    .option('--project', 'write into hfx.config.json of this project instead')
    .option('--unset', 'take the option out of the file')
  withExamples(command, ['hfx config set limitRate 50MB', 'hfx config set limitRate --unset'])
  command.action(async (option: string, value: string | undefined, flags: SetFlags) => {
    const { runConfigSet } = await import('../actions/config-files.ts')
    await runConfigSet(io, { option, value, flags })
  })
}
