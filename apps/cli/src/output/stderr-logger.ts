import { visible } from '@hfx/core'
import type { LogFields, Logger } from '@hfx/core'
import type { CliIo } from '../io.ts'

/** A line on stderr for each record: level, message, fields. For `HF_HUB_VERBOSITY` and the option `logLevel`. */
export function createStderrLogger(io: CliIo): Logger {
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${show(value)}`)
      io.err(`${visible(`${level} ${message}${pairs.join('')}`)}\n`)
    }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

function show(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message)
  return JSON.stringify(value) ?? String(value)
}
