import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, relative } from 'node:path'
import { invalidValue } from './config-error.ts'
import { formatValue } from './explain-config.ts'
import type { Layer } from './layer.ts'
import { type OptionName, vocabulary } from './vocabulary.ts'

/** Who names these decides who sees a token. */
const decidesWhoListens: readonly OptionName[] = ['endpoint', 'verifySsl', 'ca', 'proxy']

/**
 * What a project file may not decide alone: it comes with a checkout, and whoever wrote it is not the person whose
 * token is on this machine. Where it names another Hub, a proxy or whom to trust, tokens of the environment, of
 * logins and of the user file are kept back, unless `implicitToken` is asked for outside of it.
 */
export function limitProject(values: Layer, project: string | undefined): Layer {
  if (project === undefined) return values
  const isRisky = decidesWhoListens.some((name) => {
    const found = values[name]
    return found?.source === project && formatValue(found.value) !== vocabulary[name].default
  })
  const implicit = values['implicitToken']
  if (!isRisky || (implicit?.source !== 'default' && implicit?.source !== project)) return values
  const { token, ...others } = values
  const isKept = token !== undefined && (givers.has(token.source) || token.source === project)
  return {
    ...others,
    ...(isKept ? { token } : {}),
    implicitToken: { value: false, source: project },
  }
}

const givers: ReadonlySet<string> = new Set(['call', 'client', 'flag'])

/** A project may have files put into itself, not into the home of whoever runs it. @throws HubError */
export async function checkProjectPlaces(layer: Layer, project: string): Promise<void> {
  const given = layer['localDir']?.value
  if (typeof given !== 'string') return
  const inside = relative(await realpath(dirname(project)), await realPlace(given))
  if (inside !== '..' && !/^\.\.[\\/]/.test(inside) && !isAbsolute(inside)) return
  throw invalidValue({
    where: project,
    name: 'localDir',
    given,
    expected: 'a folder of the project',
  })
}

/** Where a path leads, links followed, also when its end is not there yet. */
async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : `${await realPlace(parent)}${path.slice(parent.length)}`
  }
}
