import { redacted, redactText } from './redact.ts'
import { Secret } from './secret.ts'

/** Where engineers read what happened. {@link adaptLogger} makes one of pino, winston, bunyan or `console`. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** Values beside a log message. They are redacted before they are written. */
export type LogFields = Readonly<Record<string, unknown>>

/** How much is told: the named level and everything graver. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** From the most talkative to the most serious. */
export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

/** Says nothing. The default everywhere below the apps. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

type LogMethod = (first: never, second?: never) => unknown

/** Anything with the four methods, whatever it takes first: a pino, winston or bunyan logger, `console`, a {@link Logger}. */
export interface LoggerLike {
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
}

/** How {@link adaptLogger} treats the logger that it is given. */
export interface AdaptLoggerOptions {
  /** Records below this level are dropped before they are built. @default 'debug' (the logger's own level decides) */
  readonly level?: LogLevel
}

type Method = 'debug' | 'info' | 'warn' | 'error'

/**
 * A `Logger` over a logger of any known shape, so that none has to be wrapped by hand and no field is lost:
 * pino and bunyan take fields first, winston one object, `console` a format. Everything else is called as
 * `(message, fields)`.
 *
 * Secrets and signed queries are scrubbed from the message and from every string below the fields, and a logger
 * that throws or rejects is not heard. A field whose name the logger itself writes (`level`, `message`, `msg`,
 * `time`) arrives as `field_level` and so on.
 *
 * @throws TypeError when one of the four methods is missing.
 */
export function adaptLogger(logger: LoggerLike, options: AdaptLoggerOptions = {}): Logger {
  const toArguments = chooseArguments(logger)
  const lowest = logLevels.indexOf(options.level ?? 'debug')
  const write = (method: Method, message: string, fields?: LogFields): void => {
    if (logLevels.indexOf(method) < lowest) return
    try {
      const scrubbed = fields && scrubFields(fields)
      const answer: unknown = Reflect.apply(
        logger[method],
        logger,
        toArguments(redactText(message), scrubbed),
      )
      if (answer instanceof Promise) answer.catch(() => {})
    } catch {
      // A log must not be able to hurt what it tells about.
    }
  }
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  }
}

type ToArguments = (message: string, fields?: LogFields) => readonly unknown[]

function chooseArguments(logger: LoggerLike): ToArguments {
  for (const method of ['debug', 'info', 'warn', 'error'] as const) {
    if (typeof logger[method] !== 'function') throw new TypeError(`logger has no ${method}()`)
  }
  if (has(logger, 'bindings') || has(logger, 'addSerializers')) return fieldsFirst
  // winston merges meta into its record, but loses it when the message holds a `%s`; one object is exact.
  if (has(logger, 'configure') && has(logger, 'child')) return oneObject
  // `console` reads `%` in the first argument as a format and would swallow the fields.
  if (has(logger, 'table') && has(logger, 'dir')) return formatted
  return messageFirst
}

function has(logger: LoggerLike, method: string): boolean {
  return typeof Reflect.get(logger, method) === 'function'
}

const fieldsFirst: ToArguments = (message, fields) => [fields ?? {}, message]
const oneObject: ToArguments = (message, fields) => [{ ...fields, message }]
const formatted: ToArguments = (message, fields) =>
  fields ? ['%s', message, fields] : ['%s', message]
const messageFirst: ToArguments = (message, fields) => (fields ? [message, fields] : [message])

const reservedNames = new Set(['level', 'message', 'msg', 'time'])
const secretNames =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|token|access_?token|password|secret|x-xet-access-token)$/i
const maxDepth = 4
const maxEntries = 100

/** Fields as they may be logged: no token, no signed query, nothing circular, nothing endless. */
export function scrubFields(fields: LogFields): Record<string, unknown> {
  const shown: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    shown[reservedNames.has(name) ? `field_${name}` : name] = scrubNamed(name, value, maxDepth)
  }
  return shown
}

function scrubNamed(name: string, value: unknown, depth: number): unknown {
  return secretNames.test(name) && value !== null && value !== undefined
    ? redacted
    : scrub(value, depth)
}

function scrub(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(value)
    case 'bigint':
      return String(value)
    case 'function':
    case 'symbol':
      return undefined
    case 'object':
      return scrubLeaf(value) ?? scrubBranch(value, depth)
    case 'boolean':
    case 'number':
    case 'undefined':
      return value
  }
}

/** Objects that are one value to a reader. */
function scrubLeaf(value: object | null): unknown {
  if (value instanceof Secret) return redacted
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value
  if (value instanceof URL) return redactText(value.href)
  if (ArrayBuffer.isView(value)) return `<${String(value.byteLength)} bytes>`
  return undefined
}

function scrubBranch(value: object | null, depth: number): unknown {
  if (value === null) return null
  if (depth === 0) return '<deeper>'
  if (value instanceof Error) return scrubError(value, depth)
  if (value instanceof Set || value instanceof Map) return scrubBranch([...value], depth)
  if (!Array.isArray(value)) return scrubObject(value, depth)
  return value.slice(0, maxEntries).map((item: unknown) => scrub(item, depth - 1))
}

function scrubObject(value: object, depth: number): Record<string, unknown> {
  const shown: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value).slice(0, maxEntries)) {
    shown[name] = scrubNamed(name, item, depth - 1)
  }
  return shown
}

/** An error with what `JSON.stringify` would leave out: name, message, stack and cause. */
function scrubError(error: Error, depth: number): Record<string, unknown> {
  return {
    name: error.name,
    message: redactText(error.message),
    ...scrubObject(error, depth),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: scrub(error.cause, depth - 1) }),
  }
}
