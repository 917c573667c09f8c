import { readFile, stat } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import { HubError, redactText } from '@hfx/core'
import type { Layer } from './layer.ts'
import { type Environment, expandPath, expandValue } from './read-environment.ts'
import { isOptionName, vocabulary } from './vocabulary.ts'

const fileNames = ['json', 'yaml', 'yml', 'toml'].map((ending) => `hfx.config.${ending}`)
const userFileNames = ['json', 'yaml', 'yml', 'toml'].map((ending) => `config.${ending}`)
/** A configuration is small; a larger file is a mistake. */
const maxBytes = 1024 * 1024

/** The nearest `hfx.config.*` from `folder` upwards, as far as the root of its git checkout. */
export async function findProjectFile(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const here = await firstFile(at, fileNames)
    if (here !== undefined) return here
    if ((await exists(join(at, '.git'))) || dirname(at) === at) return undefined
  }
}

/** Folder of the user's own configuration: `$XDG_CONFIG_HOME/hfx`, by default `~/.config/hfx`. */
export function userConfigFolder(env: Environment): string {
  const home = env['XDG_CONFIG_HOME']
  return join(home ? expandPath(home, env) : expandPath('~/.config', env), 'hfx')
}

/** The user's own configuration file, where there is one. */
export async function findUserFile(env: Environment): Promise<string | undefined> {
  return firstFile(userConfigFolder(env), userFileNames)
}

/**
 * Reads and checks a configuration file: JSON, YAML or TOML by its ending. The parsers are loaded only when a file
 * is there to be parsed. In paths `~` and `$NAME` are read; a relative one counts from the folder of the file.
 * @throws HubError `HUB_INVALID_CONFIG`
 */
export async function readConfigFile(file: string, env: Environment = {}): Promise<Layer> {
  const { checkDocument } = await import('./schema.ts')
  const layer = checkDocument(file, await parseFile(file))
  const place = (path: string): string =>
    // A certificate may stand there itself.
    path.startsWith('-----BEGIN ') ? path : resolve(dirname(file), expandPath(path, env))
  return Object.fromEntries(
    Object.entries(layer).map(([name, { value, source }]) => {
      const placed = isOptionName(name) ? expandValue(vocabulary[name], value, place) : value
      return [name, { value: placed, source }]
    }),
  )
}

/** The file's content as it stands, unchecked. */
export async function parseFile(file: string): Promise<unknown> {
  const text = await readText(file)
  try {
    switch (extname(file)) {
      case '.toml':
        return (await import('smol-toml')).parse(text)
      case '.yaml':
      case '.yml':
        return (await import('yaml')).parse(text, { maxAliasCount: 100, logLevel: 'error' })
      default:
        return text.trim() === '' ? {} : JSON.parse(text)
    }
  } catch (error) {
    // The parser's own error quotes the file, and with it what may be a secret.
    throw fault(file, `cannot be parsed${describeFault(text, error)}`)
  }
}

/** The document as the ending wants it written. */
export async function formatDocument(
  file: string,
  document: Readonly<Record<string, unknown>>,
): Promise<string> {
  switch (extname(file)) {
    case '.toml':
      return (await import('smol-toml')).stringify(document)
    case '.yaml':
    case '.yml':
      return (await import('yaml')).stringify(document)
    default:
      return `${JSON.stringify(document, null, 2)}\n`
  }
}

async function readText(file: string): Promise<string> {
  try {
    const found = await stat(file)
    if (!found.isFile()) throw fault(file, 'is no file')
    if (found.size > maxBytes) throw fault(file, `is larger than ${maxBytes} bytes`)
    // Editors on Windows begin a file with a mark.
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  } catch (error) {
    if (error instanceof HubError) throw error
    throw fault(file, `cannot be read: ${firstLine(error)}`, error)
  }
}

async function firstFile(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const file = join(folder, name)
    if (await exists(file)) return file
  }
  return undefined
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Where and, as far as the parser says it without quoting, why. */
function describeFault(text: string, error: unknown): string {
  const message = firstLine(error)
  if (error instanceof SyntaxError) return `: ${describeJsonFault(text, message)}`
  const place =
    error instanceof Error && 'line' in error && 'column' in error
      ? ` at line ${String(error.line)}, column ${String(error.column)}`
      : ''
  return `: ${redactText(message).replace(/:$/, '')}${place}`
}

function describeJsonFault(text: string, message: string): string {
  const position = /at position (\d+)/.exec(message)?.[1]
  if (position !== undefined) return `it is no JSON at ${placeOf(text, Number(position))}`
  return message.includes('end of JSON') ? 'it ends too early' : 'it is no JSON'
}

function placeOf(text: string, position: number): string {
  const before = text.slice(0, position).split('\n')
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}

function fault(file: string, what: string, cause?: unknown): HubError {
  return new HubError({
    code: 'HUB_INVALID_CONFIG',
    message: `the configuration file ${file} ${what}`,
    hint: 'Correct or remove it; hfx config path tells which files are read.',
    cause,
  })
}
