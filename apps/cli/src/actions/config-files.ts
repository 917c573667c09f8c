import { join } from 'node:path'
import { findProjectFile, findUserFile, setOption, userConfigFolder } from '@hfx/config'
import { HubError } from '@hfx/core'
import type { SetFlags } from '../commands/config.ts'
import type { CliIo } from '../io.ts'
import { renderFacts } from '../output/facts.ts'
import { type OutputFlags, print, readFormat } from '../output/format.ts'

export async function runConfigPath(io: CliIo, flags: OutputFlags): Promise<void> {
  const format = readFormat(flags)
  const [project, user] = await Promise.all([findProjectFile(io.cwd), findUserFile(io.env)])
  const files = { project: project ?? null, user: user ?? null }
  print(io, format, {
    human: (width) =>
      renderFacts(
        [
          [
            'project',
            project ??
              `none (hfx.config.json, .yaml or .toml would be read from ${io.cwd} upwards)`,
          ],
          ['user', user ?? `none (would be ${join(userConfigFolder(io.env), 'config.json')})`],
        ],
        width,
      ),
    json: () => files,
    quiet: () => [project, user].filter((file) => file !== undefined),
  })
}

export async function runConfigSet(
  io: CliIo,
  asked: { readonly option: string; readonly value: string | undefined; readonly flags: SetFlags },
): Promise<void> {
  const { option, value, flags } = asked
  if ((value === undefined) !== (flags.unset === true)) {
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: value === undefined ? `${option} gets no value` : '--unset takes no value',
      hint: `Write hfx config set ${option} <value>, or hfx config set ${option} --unset.`,
    })
  }
  const file = await chooseFile(io, flags)
  await setOption(file, option, value)
  io.err(
    value === undefined ? `${option} is out of ${file}\n` : `${option} is ${value} in ${file}\n`,
  )
}

async function chooseFile(io: CliIo, flags: SetFlags): Promise<string> {
  return flags.project
    ? ((await findProjectFile(io.cwd)) ?? join(io.cwd, 'hfx.config.json'))
    : ((await findUserFile(io.env)) ?? join(userConfigFolder(io.env), 'config.json'))
}
