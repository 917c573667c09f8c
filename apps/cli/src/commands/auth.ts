import type { Command } from 'commander'
import { withExamples } from '../examples.ts'
import type { CliIo } from '../io.ts'
import { addOutputFlags, type OutputFlags } from '../output/format.ts'

export interface LoginFlags extends OutputFlags {
  readonly name?: string
  readonly endpoint?: string
}

export interface NamedFlags extends OutputFlags {
  readonly tokenName?: string
}

export interface WhoamiFlags extends OutputFlags {
  readonly endpoint?: string
}

export function addAuth(program: Command, io: CliIo): void {
  const auth = program.command('auth').description('log in, log out, and see who you are')
  addLogin(auth, io)
  addLogout(auth, io)
  addSwitch(auth, io)
  addList(auth, io)
  addToken(auth, io)
  addWhoami(auth, io)
}

function addLogin(auth: Command, io: CliIo): void {
  const command = auth
    .command('login')
    .description(
      'keep a token; it is asked for, or read from standard input, never from the command line',
    )
    .option('--name <name>', 'name of the login (default: the name of the token on the Hub)')
    .option('--endpoint <url>', 'address of the Hub or of a mirror')
  addOutputFlags(command)
  withExamples(command, ['hfx auth login < token.txt'])
  command.action(async (flags: LoginFlags) => {
    const { runLogin } = await import('../actions/auth-login.ts')
    await runLogin(io, flags)
  })
}

function addLogout(auth: Command, io: CliIo): void {
  const command = auth
    .command('logout')
    .description('forget a login, or all of them')
    .option('--token-name <name>', 'forget only this login')
  addOutputFlags(command)
  withExamples(command, ['hfx auth logout'])
  command.action(async (flags: NamedFlags) => {
    const { runLogout } = await import('../actions/auth-logins.ts')
    await runLogout(io, flags)
  })
}

function addSwitch(auth: Command, io: CliIo): void {
  const command = auth
    .command('switch')
    .description('use another login')
    .option('--token-name <name>', 'the login to use; without it, a menu')
  addOutputFlags(command)
  command.action(async (flags: NamedFlags) => {
    const { runSwitch } = await import('../actions/auth-logins.ts')
    await runSwitch(io, flags)
  })
}

function addList(auth: Command, io: CliIo): void {
  const command = auth.command('list').alias('ls').description('list the logins of this machine')
  addOutputFlags(command)
  withExamples(command, ['hfx auth list'])
  command.action(async (flags: OutputFlags) => {
    const { runAuthList } = await import('../actions/auth-logins.ts')
    await runAuthList(io, flags)
  })
}

function addToken(auth: Command, io: CliIo): void {
  auth
    .command('token')
    .description('print the token in use, for other programs')
    .action(async () => {
      const { runAuthToken } = await import('../actions/auth-whoami.ts')
      await runAuthToken(io)
    })
}

function addWhoami(auth: Command, io: CliIo): void {
  const command = auth
    .command('whoami')
    .description('ask the Hub whose token is in use')
    .option('--endpoint <url>', 'address of the Hub or of a mirror')
  addOutputFlags(command)
  withExamples(command, ['hfx auth whoami'])
  command.action(async (flags: WhoamiFlags) => {
    const { runWhoami } = await import('../actions/auth-whoami.ts')
    await runWhoami(io, flags)
  })
}
