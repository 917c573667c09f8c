import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { DiskError, HubError } from '@hfx/core'
import { unknownOption } from './config-error.ts'
import { formatDocument, parseFile } from './config-file.ts'
import { isOptionName, type OptionName, vocabulary } from './vocabulary.ts'

/**
 * Writes one option into a configuration file, which is made when it is not there; `undefined` takes it out.
 * The file is checked as a whole before it is replaced. Remarks of YAML and TOML are lost.
 * @throws HubError `HUB_INVALID_CONFIG` for an unknown option, a wrong value, or a secret; DiskError when it cannot be written
 */
export async function setOption(
  file: string,
  name: string,
  value: string | undefined,
): Promise<void> {
  if (!isOptionName(name)) throw unknownOption('hfx config set', name)
  if (name === 'token') throw secretInFile()
  const before = (await exists(file)) ? await parseFile(file) : {}
  const { checkDocument } = await import('./schema.ts')
  checkDocument(file, before)
  const document = {
    ...asRecord(before),
    [name]: value === undefined ? undefined : placed(file, name, plain(name, value)),
  }
  const kept = Object.fromEntries(
    Object.entries(document).filter(([, given]) => given !== undefined),
  )
  checkDocument(file, kept)
  await replaceFile(file, await formatDocument(file, kept))
}

/** Lists are written with commas on a command line; what looks like a number or a truth value is one where it may be. */
function plain(name: OptionName, text: string): unknown {
  const { kind } = vocabulary[name]
  if (kind === 'list')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  if (kind === 'count' && /^\d+$/.test(text)) return Number(text)
  if (kind === 'boolean' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  return text
}

/** A relative path is meant from where the command runs, and read from where the file lies. */
function placed(file: string, name: OptionName, value: unknown): unknown {
  if (vocabulary[name].path !== true) return value
  if (Array.isArray(value)) return value.map((item: unknown) => placed(file, name, item))
  if (typeof value !== 'string' || value === '' || /^[~$]/.test(value) || isAbsolute(value))
    return value
  const inside = relative(dirname(resolve(file)), resolve(value))
  return inside.startsWith('..') || isAbsolute(inside) ? resolve(value) : inside || '.'
}

async function replaceFile(file: string, text: string): Promise<void> {
  const temp = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(temp, text, { flag: 'wx' })
    await rename(temp, file)
  } catch (error) {
    await rm(temp, { force: true }).catch(() => undefined)
    throw new DiskError({
      code: 'HUB_PERMISSION_DENIED',
      path: file,
      message: `cannot write ${file}`,
      hint: 'Correct the permissions of the folder.',
      cause: error,
    })
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function secretInFile(): HubError {
  return new HubError({
    code: 'HUB_INVALID_CONFIG',
    message: 'a token does not belong into a configuration file',
    hint: 'Use hfx auth login, or set HF_TOKEN.',
  })
}
