import { homedir } from 'node:os'
import { join } from 'node:path'
import { isTrue, parseText } from './parse-value.ts'
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
    const variable = spec.env?.find((candidate) => (env[candidate] ?? '').trim() !== '')
    if (variable !== undefined)
      layer[name] = readVariable(name, spec, { variable, text: (env[variable] ?? '').trim(), env })
  }
  addDerived(layer, env)
  return layer
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

function userHome(env: Environment): string {
  return env['HOME'] || homedir()
}

function readVariable(
  name: OptionName,
  spec: OptionSpec,
  found: { readonly variable: string; readonly text: string; readonly env: Environment },
): Layer[string] {
  const source = found.variable
  if (spec.kind === 'boolean')
    return { value: isTrue(found.text) !== (spec.inverted === true), source }
  if (name === 'cacheDir') return { value: expandPath(found.text, found.env), source }
  if (name === 'logLevel')
    return { value: pythonLevels[found.text.toLowerCase()] ?? 'warn', source }
  if (name === 'progress')
    return { value: progressNames[found.text.toLowerCase()] ?? 'auto', source }
  const parsed = parseText(
    spec,
    name === 'endpoint' ? found.text.replace(/\/+$/, '') : found.text,
    {
      seconds: spec.seconds === true,
    },
  )
  if ('expected' in parsed)
    throw invalidValue({ where: `the variable ${source}`, name, given: found.text, ...parsed })
  return { value: parsed.value, source }
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

const progressNames: Readonly<Record<string, string>> = {
  auto: 'auto',
  bars: 'bars',
  progress: 'bars',
  log: 'log',
  logs: 'log',
  json: 'json',
  none: 'none',
}

/** What other variables imply. */
function addDerived(layer: Record<string, Layer[string]>, env: Environment): void {
  const offline = env['HF_HUB_OFFLINE'] ?? ''
  // A variable that is set to 0 masks the other one, as in the Python client.
  if (offline !== '') layer['offline'] = { value: isTrue(offline), source: 'HF_HUB_OFFLINE' }
  if (layer['cacheDir']) return
  const source = env['HF_HOME'] ? 'HF_HOME' : env['XDG_CACHE_HOME'] ? 'XDG_CACHE_HOME' : 'default'
  layer['cacheDir'] = { value: join(hubHome(env), 'hub'), source }
}
