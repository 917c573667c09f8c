import { type Command, InvalidArgumentError } from 'commander'
import type { CliIo } from '../io.ts'

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
    .option('--rate <rate>', 'limit each data connection, like 10MB')
    .action(async (flags: DemoFlags) => {
      const { runDemo } = await import('../actions/demo.ts')
      await runDemo(io, flags)
    })
}

function parsePort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new InvalidArgumentError('It must be a port number.')
}
