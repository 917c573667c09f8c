import { Command } from 'commander'
import { addAuth } from './commands/auth.ts'
import { addBench } from './commands/bench.ts'
import { addCache } from './commands/cache.ts'
import { addCompletion } from './commands/completion.ts'
import { addConfig } from './commands/config.ts'
import { addDemo } from './commands/demo.ts'
import { addDoctor } from './commands/doctor.ts'
import { addDownload } from './commands/download.ts'
import { addEnv } from './commands/env.ts'
import { addHelpTopics } from './commands/help-topics.ts'
import { addInfo } from './commands/info.ts'
import { addLock, addOutdated, addUpdate, addVerify } from './commands/lock.ts'
import { addLs } from './commands/ls.ts'
import { addVersion } from './commands/version.ts'
import { exitCodeRows } from './exit-code.ts'
import type { CliIo } from './io.ts'
import { version } from './version.ts'

/** The command tree. Definitions are light; each action imports what it uses when it runs. */
export function createProgram(io: CliIo): Command {
  const program = createCommands(io)
  addCompletion(program, () => createCommands(io))
  addVersion(program, io)
  addHelpTopics(program, io)
  return program.addHelpText('after', renderFooter)
}

function createCommands(io: CliIo): Command {
  const program = new Command('hfx')
    .description('The Hugging Face Hub on the command line: fast, resumable, verified downloads.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      getOutHelpWidth: () => io.stdout.columns || columnsOf(io) || 80,
      getErrHelpWidth: () => io.stderr.columns || columnsOf(io) || 80,
      outputError: (text, write) => write(formatUsageError(text)),
    })
    .showSuggestionAfterError(true)
    .exitOverride()
  for (const add of [addDownload, addLs, addInfo]) add(program, io)
  for (const add of [addCache, addLock, addOutdated, addUpdate, addVerify]) add(program, io)
  for (const add of [addAuth, addConfig, addEnv, addDoctor, addBench, addDemo]) add(program, io)
  return program
}

/** In the shape of all other errors: what is wrong, and the next step. */
function formatUsageError(text: string): string {
  const line = text.replace(/^error: /, 'hfx: ')
  const suggested = line.replace(/\n\((Did you mean .*\?)\)/, '\n  → $1')
  return suggested === line
    ? `${line.trimEnd()}\n  → Add --help to see what it takes.\n`
    : suggested
}

function renderFooter(): string {
  const codes = exitCodeRows.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`)
  return `\nExit codes:\n${codes.join('\n')}\n\nExamples:\n  $ hfx download openai/whisper-tiny\n  $ hfx help environment\n`
}

function columnsOf(io: CliIo): number | undefined {
  const columns = Number(io.env['COLUMNS'])
  return Number.isInteger(columns) && columns > 0 ? columns : undefined
}
