import { text } from 'node:stream/consumers'
import { createTokenStore, tokenPath, toProfileName } from '@hfx/config'
import { type Account, HubError, Secret } from '@hfx/core'
import { createHubClient } from '@hfx/hub'
import type { LoginFlags } from '../commands/auth.ts'
import { exitCodes } from '../exit-code.ts'
import { ExitError } from '../exit-error.ts'
import type { CliIo } from '../io.ts'
import { print, readFormat } from '../output/format.ts'

/** read → check with the Hub → keep. */
export async function runLogin(io: CliIo, flags: LoginFlags): Promise<void> {
  const format = readFormat(flags)
  const token = checkToken(await readToken(io))
  const account = await describeAccount(io, token, flags)
  const name = profileName(account, flags)
  await createTokenStore(io.env).save(name, token)
  print(io, format, {
    human: () => `Logged in as ${account.name} (${name}).`,
    json: () => ({ user: account.name, name, role: account.tokenRole ?? null }),
    quiet: () => account.name,
  })
  if (format === 'human') io.err(`The token is kept in ${tokenPath(io.env)}\n`)
  if (io.env['HF_TOKEN']) io.err('HF_TOKEN is set and goes before this login.\n')
}

async function readToken(io: CliIo): Promise<string> {
  if (!io.stdin.isTTY) return (await text(io.stdin)).trim()
  const prompts = await import('@clack/prompts')
  io.err('Make a token at https://huggingface.co/settings/tokens\n')
  const answer = await prompts.password({ message: 'Token', input: io.stdin, output: io.stderr })
  if (prompts.isCancel(answer)) throw new ExitError(exitCodes.interrupted)
  return answer.trim()
}

function checkToken(token: string): Secret {
  if (token === '') throw badToken('there is no token on standard input')
  if (token.startsWith('api_org'))
    throw badToken('tokens of organisations (api_org…) are not accepted')
  if (!/^[\x21-\x7e]+$/.test(token)) throw badToken('the token holds characters that no token has')
  return new Secret(token)
}

function badToken(message: string): HubError {
  return new HubError({
    code: 'HUB_TOKEN_INVALID',
    message,
    hint: 'Make one at https://huggingface.co/settings/tokens and pipe it in: hfx auth login < token.txt',
  })
}

async function describeAccount(io: CliIo, token: Secret, flags: LoginFlags): Promise<Account> {
  const client = createHubClient({
    env: io.env,
    token,
    flags: { endpoint: flags.endpoint },
    configFiles: { folder: io.cwd },
  })
  try {
    return await client.whoami({ signal: io.signal })
  } finally {
    await client.close()
  }
}

function profileName(account: Account, flags: LoginFlags): string {
  const name = toProfileName(flags.name ?? account.tokenName ?? `token-${account.name}`)
  if (name !== undefined) return name
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `${JSON.stringify(flags.name ?? account.tokenName)} cannot be the name of a login`,
    hint: 'Give another with --name.',
  })
}
