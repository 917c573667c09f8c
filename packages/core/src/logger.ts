/** What pino, winston and `console` all satisfy as they are, called as `(message, fields)`. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export type LogFields = Readonly<Record<string, unknown>>

/** Says nothing. The default everywhere below the apps. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
