import { createTokenStore, type TokenProfile } from '@hfx/config'
import { HubError } from '@hfx/core'
import type { NamedFlags } from '../commands/auth.ts'
import { isInteractive } from '../confirm.ts'
import { exitCodes } from '../exit-code.ts'
import { ExitError } from '../exit-error.ts'
import type { CliIo } from '../io.ts'
import { type OutputFlags, print, readFormat } from '../output/format.ts'
import { renderTable } from '../output/table.ts'

export async function runLogout(io: CliIo, flags: NamedFlags): Promise<void> {
  const format = readFormat(flags)
  const store = createTokenStore(io.env)
  const { tokenName } = flags
  const found = tokenName === undefined ? await store.removeAll() : await store.remove(tokenName)
  if (!found && tokenName !== undefined) throw await noSuchLogin(io, tokenName)
  print(io, format, {
    human: () =>
      found
        ? `Logged out${tokenName === undefined ? '' : ` of ${tokenName}`}.`
        : 'There was no login.',
    json: () => ({ loggedOut: found }),
    quiet: () => [],
  })
  const left = ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'].find((name) => io.env[name])
  if (left !== undefined) io.err(`${left} is still set and still used.\n`)
}

export async function runSwitch(io: CliIo, flags: NamedFlags): Promise<void> {
  const format = readFormat(flags)
  const store = createTokenStore(io.env)
  const name = flags.tokenName ?? (await chooseLogin(io, await store.list()))
  if (!(await store.activate(name))) throw await noSuchLogin(io, name)
  print(io, format, {
    human: () => `${name} is the login in use.`,
    json: () => ({ name }),
    quiet: () => name,
  })
  if (io.env['HF_TOKEN']) io.err('HF_TOKEN is set and goes before this login.\n')
}

/** Tokens are masked in every shape. */
export async function runAuthList(io: CliIo, flags: OutputFlags): Promise<void> {
  const format = readFormat(flags)
  const profiles = await createTokenStore(io.env).list()
  print(io, format, {
    human: (width) => (profiles.length === 0 ? '' : renderLogins(profiles, width)),
    json: () =>
      profiles.map(({ name, token, active, expiresAtMs }) => ({
        name,
        token: token.mask(),
        active,
        expiresAt: expiresAtMs === undefined ? null : new Date(expiresAtMs).toISOString(),
      })),
    quiet: () => profiles.map(({ name }) => name),
  })
  if (profiles.length === 0) io.err('There is no login. Make one with hfx auth login.\n')
}

function renderLogins(profiles: readonly TokenProfile[], width: number): string {
  const rows = profiles.map(({ name, token, active }) => [active ? '*' : '', name, token.mask()])
  return renderTable(
    [{ title: '' }, { title: 'NAME', cut: 'end' }, { title: 'TOKEN' }],
    rows,
    width,
  )
}

async function chooseLogin(io: CliIo, profiles: readonly TokenProfile[]): Promise<string> {
  if (!isInteractive(io) || profiles.length === 0) {
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: profiles.length === 0 ? 'there is no login to switch to' : 'no login is named',
      hint: profiles.length === 0 ? 'Make one with hfx auth login.' : 'Name it with --token-name.',
    })
  }
  const prompts = await import('@clack/prompts')
  const answer = await prompts.select({
    message: 'Which login?',
    options: profiles.map(({ name, token }) => ({ value: name, label: name, hint: token.mask() })),
    input: io.stdin,
    output: io.stderr,
  })
  if (prompts.isCancel(answer)) throw new ExitError(exitCodes.interrupted)
  return answer
}

async function noSuchLogin(io: CliIo, name: string): Promise<HubError> {
  const names = (await createTokenStore(io.env).list()).map((profile) => profile.name)
  return new HubError({
    code: 'HUB_TOKEN_MISSING',
    message: `there is no login ${JSON.stringify(name)}`,
    hint: names.length === 0 ? 'Make one with hfx auth login.' : `There is: ${names.join(', ')}.`,
  })
}
