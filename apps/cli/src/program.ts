import { Command } from 'commander'
import { addAuth } from './commands/auth.ts'
import { addCache } from './commands/cache.ts'
import { addConfig } from './commands/config.ts'
import { addDemo } from './commands/demo.ts'
import { addDownload } from './commands/download.ts'
import { addEnv } from './commands/env.ts'
import { addInfo } from './commands/info.ts'
import { addLs } from './commands/ls.ts'
import { addVersion } from './commands/version.ts'
import type { CliIo } from './io.ts'
import { version } from './version.ts'

/** The command tree. Definitions are light; each action imports what it uses when it runs. */
export function createProgram(io: CliIo): Command {
  const program = new Command('hfx')
    .description('The Hugging Face Hub on the command line: fast, resumable, verified downloads.')
    .version(version, '-v, --version', 'print the version')
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showSuggestionAfterError(true)
    .exitOverride()
  for (const add of [
    addDownload,
    addLs,
    addInfo,
    addCache,
    addAuth,
    addConfig,
    addDemo,
    addEnv,
    addVersion,
  ])
    add(program, io)
  return program
}
