import { homedir } from 'node:os'
import { join } from 'node:path'
import { isTrue, type OptionValue, parseText } from './parse-value.ts'
import type { Layer } from './layer.ts'
import { type OptionName, optionNames, type OptionSpec, vocabulary } from './vocabulary.ts'
import { invalidValue } from './config-error.ts'

/** Environment variables, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Options that the environment names, read when asked and never captured. Sizes, times and truth values as the Hub's
 * Python client reads them; an empty variable counts as unset.
 * @throws HubError `HUB_INVALID_CONFIG` naming the variable
 */
export function readEnvironment(env: Environment): Layer {
  const layer: Record<string, Layer[string]> = {}
  for (const name of optionNames) {
    const spec = vocabulary[name]
    const variable = spec.env?.find((candidate) => isSet(name, env[candidate]))
    const text = (variable === undefined ? '' : (env[variable] ?? '')).trim()
    if (variable !== undefined && text !== '')
      layer[name] = readVariable(name, spec, { variable, text, env })
  }
  addDerived(layer, env)
  return layer
}

/** As the Python client sees it: zero means the default for this one, and blanks hide the older name of that one. */
function isSet(name: OptionName, text = ''): boolean {
  if (name === 'token') return text !== ''
  return text.trim() !== '' && !(name === 'etagTimeoutMs' && Number(text) === 0)
}

/** `$HF_HOME`, or where it is by default: `$XDG_CACHE_HOME/huggingface`, `~/.cache/huggingface`. */
export function hubHome(env: Environment): string {
  const home = env['HF_HOME']
  if (home !== undefined && home !== '') return expandPath(home, env)
  const cacheHome = env['XDG_CACHE_HOME']
  return join(cacheHome ? expandPath(cacheHome, env) : join(userHome(env), '.cache'), 'huggingface')
}

/** `~` and `$NAME` as a shell would read them. */
export function expandPath(path: string, env: Environment): string {
  const home = path === '~' || path.startsWith('~/') ? userHome(env) + path.slice(1) : path
  return home.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (whole, braced?: string, plain?: string) => env[braced ?? plain ?? ''] ?? whole,
  )
}

/** The value with every path in it changed; other values as they are. */
export function expandValue(
  spec: OptionSpec,
  value: OptionValue,
  expand: (path: string) => string,
): OptionValue {
  if (spec.path !== true) return value
  if (typeof value === 'string') return expand(value)
  return Array.isArray(value) ? value.map(expand) : value
}

/** A user id that was made up for a container has no home anywhere; `/` is what container runtimes give it. */
function userHome(env: Environment): string {
  try {
    return env['HOME'] || homedir()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR') return '/'
    throw error
  }
}

function readVariable(
  name: OptionName,
  spec: OptionSpec,
  found: { readonly variable: string; readonly text: string; readonly env: Environment },
): Layer[string] {
  const { variable: source, text } = found
  if (spec.kind === 'boolean') return { value: isTrue(text) !== (spec.inverted === true), source }
  // Other programs read it as well, and take what they do not know as the default.
  if (name === 'logLevel') return { value: pythonLevels[text.toLowerCase()] ?? 'warn', source }
  const written = name === 'progress' ? (progressNames[text.toLowerCase()] ?? text) : text
  const parsed = parseText(spec, written, { seconds: spec.seconds === true })
  if ('expected' in parsed)
    throw invalidValue({ where: `the variable ${source}`, name, given: text, ...parsed })
  return { value: expandValue(spec, parsed.value, (path) => expandPath(path, found.env)), source }
}

const pythonLevels: Readonly<Record<string, string>> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  warn: 'warn',
  error: 'error',
  critical: 'error',
  silent: 'silent',
}

/** Names of other clients for our modes. */
const progressNames: Readonly<Record<string, string>> = { progress: 'bars', logs: 'log' }

/** What other variables imply. */
function addDerived(layer: Record<string, Layer[string]>, env: Environment): void {
  const shown = impliedProgress(env)
  const named = layer['progress']
  // As in the Python client, nothing overrides this variable: there are no bars.
  const isVetoed = named?.value === 'bars' && isTrue(env[disableBars] ?? '')
  if (shown && (!named || isVetoed)) layer['progress'] = shown
  if (layer['cacheDir']) return
  const source = env['HF_HOME'] ? 'HF_HOME' : env['XDG_CACHE_HOME'] ? 'XDG_CACHE_HOME' : 'default'
  layer['cacheDir'] = { value: join(hubHome(env), 'hub'), source }
}

const disableBars = 'HF_HUB_DISABLE_PROGRESS_BARS'

function impliedProgress(env: Environment): Layer[string] | undefined {
  const all = 'HF_HUB_DISABLE_PROGRESS'
  if (isTrue(env[all] ?? '')) return { value: 'none', source: all }
  const asked = env[disableBars] ?? ''
  return asked === '' ? undefined : { value: isTrue(asked) ? 'log' : 'bars', source: disableBars }
}
