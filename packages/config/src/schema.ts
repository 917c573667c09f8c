import { parse as parseShape, record, string, unknown, ValiError } from 'valibot'
import { HubError } from '@hfx/core'
import { invalidValue, unknownOption } from './config-error.ts'
import type { Layer } from './layer.ts'
import { parseValue } from './parse-value.ts'
import { isOptionName, vocabulary } from './vocabulary.ts'

const document = record(string(), unknown())

/**
 * Checks the content of a configuration file. `$schema` and keys of value null are passed over.
 * @throws HubError `HUB_INVALID_CONFIG` naming file, key and what was expected
 */
export function checkDocument(file: string, content: unknown): Layer {
  const layer: Record<string, Layer[string]> = {}
  for (const [name, given] of Object.entries(readRecord(file, content))) {
    if (name === '$schema' || given === null || given === undefined) continue
    if (!isOptionName(name)) throw unknownOption(file, name)
    const parsed = parseValue(vocabulary[name], given)
    if ('expected' in parsed) throw invalidValue({ where: file, name, given, ...parsed })
    layer[name] = { value: parsed.value, source: file }
  }
  return layer
}

function readRecord(file: string, content: unknown): Readonly<Record<string, unknown>> {
  if (content === null || content === undefined) return {}
  if (Array.isArray(content)) throw noRecord(file, 'a list')
  try {
    return parseShape(document, content)
  } catch (error) {
    if (!(error instanceof ValiError)) throw error
    throw noRecord(file, typeof content, error)
  }
}

function noRecord(file: string, what: string, cause?: unknown): HubError {
  return new HubError({
    code: 'HUB_INVALID_CONFIG',
    message: `${file} must hold options by name, not ${what}`,
    hint: 'Write one option in a line, as in "connections: 8".',
    cause,
  })
}
