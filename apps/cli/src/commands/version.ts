import type { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { version } from '../version.ts'

export function addVersion(program: Command, io: CliIo): void {
  program
    .command('version')
    .description('print the version')
    .action(() => io.out(`${version}\n`))
}
