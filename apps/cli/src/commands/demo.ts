import type { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { checkBytes, parsePort } from '../parse-flag.ts'

export interface DemoFlags {
  readonly port: number
  readonly readyFile?: string
  readonly rate?: string
}

export function addDemo(program: Command, io: CliIo): void {
  const demo = program
    .command('demo')
    .description('an embedded Hub to try hfx on, without the internet')
  demo
    .command('serve')
    .description('serve sample repositories until interrupted')
    .option('--port <port>', 'port to listen on, 0 for any free one', parsePort, 0)
    .option('--ready-file <file>', 'write the URL into this file when it serves')
    .option('--rate <rate>', 'limit each data connection, like 10MB', checkBytes)
    .action(async (flags: DemoFlags) => {
      const { runDemo } = await import('../actions/demo.ts')
      await runDemo(io, flags)
    })
}
