import { findTokenPlace } from '@hfx/config'
import { HubError } from '@hfx/core'
import type { WhoamiFlags } from '../commands/auth.ts'
import type { CliIo } from '../io.ts'
import { withHub } from '../open-hub.ts'
import { renderFacts } from '../output/facts.ts'
import { print, readFormat } from '../output/format.ts'

/** The one command that prints a secret, because that is what it is for. */
export async function runAuthToken(io: CliIo): Promise<void> {
  const { findToken } = await import('../find-token.ts')
  const found = await findToken(io)
  if (!found) throw nobody()
  io.out(`${found.token.reveal()}\n`)
  io.err(`from ${found.source}\n`)
}

export async function runWhoami(io: CliIo, flags: WhoamiFlags): Promise<void> {
  const format = readFormat(flags)
  const source = await findTokenPlace(io.env)
  if (source === undefined) throw nobody()
  const { account, endpoint } = await withHub(
    io,
    { flags: { ...flags, progress: 'none' } },
    async ({ client, config }) => ({
      account: await client.whoami({ signal: io.signal }),
      endpoint: config.settings.endpoint,
    }),
  )
  const facts = {
    user: account.name,
    fullName: account.fullName ?? null,
    orgs: account.orgs,
    token: account.tokenName ?? null,
    role: account.tokenRole ?? null,
    source,
    endpoint,
  }
  print(io, format, {
    human: (width) => renderFacts(Object.entries(facts), width),
    json: () => facts,
    quiet: () => account.name,
  })
}

function nobody(): HubError {
  return new HubError({
    code: 'HUB_TOKEN_MISSING',
    message: 'nobody is logged in',
    hint: 'Log in with hfx auth login, or set HF_TOKEN.',
  })
}
