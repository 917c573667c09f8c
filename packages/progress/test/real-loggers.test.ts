import { Writable } from 'node:stream'
import { Console } from 'node:console'
import { adaptLogger, HttpError, type LoggerLike } from '@hfx/core'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import winston from 'winston'

describe('pino, winston and console, passed as they are', () => {
  const fields = { repo_id: 'acme/tiny', size: 12, attempt: 2 }

  it('gives pino the fields of a record and its message', () => {
    const { stream, records } = collectJson()
    adaptLogger(pino({ level: 'debug' }, stream)).info('file done', fields)
    expect(records()).toEqual([expect.objectContaining({ level: 30, msg: 'file done', ...fields })])
  })

  it('keeps the bindings of a child of pino', () => {
    const { stream, records } = collectJson()
    adaptLogger(pino(stream).child({ service: 'puller' })).warn('slow', fields)
    expect(records()).toEqual([
      expect.objectContaining({ level: 40, service: 'puller', msg: 'slow', ...fields }),
    ])
  })

  it('gives winston the fields of a record and its message', () => {
    const { stream, records } = collectJson()
    adaptLogger(createWinston(stream)).info('file done', fields)
    expect(records()).toEqual([{ level: 'info', message: 'file done', ...fields }])
  })

  it('keeps the default meta of a child of winston', () => {
    const { stream, records } = collectJson()
    adaptLogger(createWinston(stream).child({ service: 'puller' })).error('broken', fields)
    expect(records()).toEqual([{ level: 'error', message: 'broken', service: 'puller', ...fields }])
  })

  it('gives a console the message and the fields', () => {
    const { stream, text } = collect()
    adaptLogger(new Console(stream, stream)).info('file done', fields)
    expect(text()).toBe("file done { repo_id: 'acme/tiny', size: 12, attempt: 2 }\n")
  })

  const hostile = 'read 100%d.bin and %s'
  it.each<[string, (stream: Writable) => LoggerLike]>([
    ['pino', (stream) => pino(stream)],
    ['winston', createWinston],
    ['winston with splat', (stream) => createWinston(stream, winston.format.splat())],
  ])('%s keeps message and fields when the message looks like a format', (_name, create) => {
    const { stream, records } = collectJson()
    adaptLogger(create(stream)).warn(hostile, fields)
    expect(records()).toEqual([expect.objectContaining(fields)])
    const [record] = records()
    expect([record?.['msg'], record?.['message']]).toContain(hostile)
  })

  it('a console keeps message and fields when the message looks like a format', () => {
    const { stream, text } = collect()
    adaptLogger(new Console(stream, stream)).warn(hostile, { size: 1 })
    expect(text()).toBe(`${hostile} { size: 1 }\n`)
  })

  it.each<[string, (stream: Writable) => LoggerLike]>([
    ['pino', (stream) => pino(stream)],
    ['winston', createWinston],
  ])('%s does not let a field stand in for level, message or time', (_name, create) => {
    const { stream, records } = collectJson()
    adaptLogger(create(stream)).info('true', { level: 'x', message: 'y', msg: 'z', time: 1 })
    const [record] = records()
    expect([record?.['msg'], record?.['message']]).toContain('true')
    expect(record).toMatchObject({
      field_level: 'x',
      field_message: 'y',
      field_msg: 'z',
      field_time: 1,
    })
    expect(['info', 30]).toContain(record?.['level'])
  })

  it.each<[string, (stream: Writable) => LoggerLike]>([
    ['pino', (stream) => pino(stream)],
    ['winston', createWinston],
    ['console', (stream) => new Console(stream, stream)],
  ])('%s never sees a token or a signed query, however deep', (_name, create) => {
    const { stream, text } = collect()
    const signed = 'https://cdn.example/f?X-Amz-Signature=abcdef123456&Expires=1'
    adaptLogger(create(stream)).error(`got ${signed} with hf_abcdefghijkl`, {
      url: signed,
      headers: { authorization: 'Bearer hf_abcdefghijkl', list: ['Bearer xyzzyxyzzy'] },
      error: new HttpError({
        code: 'HUB_FORBIDDEN',
        message: `403 from ${signed}`,
        url: signed,
        retryable: false,
        cause: new Error('token=hf_abcdefghijkl'),
      }),
    })
    expect(text()).toContain('HUB_FORBIDDEN')
    expect(text()).not.toMatch(/abcdef123456|abcdefghijkl|xyzzy/)
  })

  it('drops what is below its level', () => {
    const { stream, records } = collectJson()
    const logger = adaptLogger(pino({ level: 'trace' }, stream), { level: 'warn' })
    for (const method of ['debug', 'info', 'warn', 'error'] as const) logger[method](method)
    expect(records().map((record) => record['msg'])).toEqual(['warn', 'error'])
  })
})

function createWinston(stream: Writable, first?: winston.Logform.Format): winston.Logger {
  const json = winston.format.json()
  return winston.createLogger({
    level: 'debug',
    format: first ? winston.format.combine(first, json) : json,
    transports: [new winston.transports.Stream({ stream })],
  })
}

function collect(): { stream: Writable; text: () => string } {
  let written = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk)
      done()
    },
  })
  return { stream, text: () => written }
}

function collectJson(): { stream: Writable; records: () => Record<string, unknown>[] } {
  const { stream, text } = collect()
  const records = (): Record<string, unknown>[] =>
    text()
      .split('\n')
      .filter((line) => line !== '')
      .map(parseRecord)
  return { stream, records }
}

function parseRecord(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line)
  if (typeof value !== 'object' || value === null) throw new TypeError(`not a record: ${line}`)
  return { ...value }
}
