import { arch, platform, release } from 'node:os'
import { findTokenPlace, tokenPath } from '@hfx/config'
import type { CliIo } from '../io.ts'
import { maskUserInfo } from '../mask-user-info.ts'
import { readConfig } from '../open-hub.ts'
import { type OutputFlags, print, readFormat } from '../output/format.ts'
import { version } from '../version.ts'
import { renderFacts } from '../output/facts.ts'

/** What a bug report should say. Asks no server, and shows no secret. */
export async function runEnv(io: CliIo, flags: OutputFlags): Promise<void> {
  const format = readFormat(flags)
  const config = await readConfig(io, {})
  const tokenFrom = await findTokenPlace(io.env)
  const facts = {
    hfx: version,
    node: process.versions.node,
    system: `${platform()} ${release()} ${arch()}`,
    terminal: io.stderr.isTTY ? 'yes' : 'no',
    endpoint: config.settings.endpoint,
    cacheDir: config.settings.cacheDir,
    tokenPath: tokenPath(io.env),
    tokenFrom: tokenFrom ?? null,
    proxy: proxyOf(io.env),
    variables: listVariables(io.env),
  }
  print(io, format, {
    human: (width) =>
      renderFacts(
        [
          ...Object.entries({ ...facts, variables: undefined }).filter(
            ([, value]) => value !== undefined,
          ),
          ...Object.entries(facts.variables),
        ],
        width,
      ),
    json: () => facts,
    quiet: () => version,
  })
}

/** Hub settings of the environment; what may be secret is only said to be there. */
function listVariables(env: CliIo['env']): Readonly<Record<string, string>> {
  const ours = Object.entries(env).filter(
    ([name, value]) =>
      value !== undefined && /^(HF_|HFX_|HUGGING|TRANSFORMERS_OFFLINE$)/.test(name),
  )
  return Object.fromEntries(
    ours
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(
        ([name, value]) => [name, isSecret(name) ? '(set)' : maskUserInfo(value ?? '')] as const,
      ),
  )
}

function isSecret(name: string): boolean {
  return /TOKEN|SECRET|PASSWORD|KEY/.test(name) && !/PATH$|DISABLE/.test(name)
}

function proxyOf(env: CliIo['env']): string | null {
  const found = [
    'HTTPS_PROXY',
    'https_proxy',
    'ALL_PROXY',
    'all_proxy',
    'HTTP_PROXY',
    'http_proxy',
  ].find((name) => (env[name] ?? '') !== '')
  return found === undefined ? null : `${maskUserInfo(env[found] ?? '')} (${found})`
}
