import { readFileSync } from 'node:fs'
import { eventVersion, type HubEvent, type WarningCode } from '@hfx/core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { sampleEvents } from './support/sample-events.ts'

const page = read('events.md')
const schema: unknown = JSON.parse(read('events.schema.json'))
const samples: readonly HubEvent[] = Object.values(sampleEvents)

describe('docs/events.schema.json', () => {
  const validate = compile(schema)
  const validateClosed = compile(closed(schema))

  it.each(samples)('accepts $type with every field, and knows each of them', (event) => {
    expect(faultsOf(validate, event)).toEqual([])
    expect(faultsOf(validateClosed, event)).toEqual([])
  })

  it.each(samples)('accepts $type without what is optional', (event) => {
    const optional = optionalOf(event)
    const kept = Object.entries(event).filter(([key]) => !optional.has(key))
    expect(faultsOf(validate, Object.fromEntries(kept))).toEqual([])
  })

  it.each(samples)('refuses $type when one of its other fields is missing', (event) => {
    const required = Object.keys(event).filter((key) => {
      const rest = Object.fromEntries(Object.entries(event).filter(([other]) => other !== key))
      return faultsOf(validate, rest).length > 0
    })
    const optional = optionalOf(event)
    expect(required.toSorted()).toEqual(
      Object.keys(event)
        .filter((key) => !optional.has(key))
        .toSorted(),
    )
  })

  it('refuses bytes below zero, an unknown outcome and another version', () => {
    const progress = sampleEvents['file:progress']
    expect(faultsOf(validate, { ...progress, doneBytes: -1 })).not.toEqual([])
    expect(faultsOf(validate, { ...sampleEvents['file:end'], outcome: 'maybe' })).not.toEqual([])
    expect(faultsOf(validate, { ...progress, v: eventVersion + 1 })).not.toEqual([])
  })

  it('is the one that the package carries', () => {
    const carried = readFileSync(new URL('../schema/events-1.schema.json', import.meta.url), 'utf8')
    expect(carried).toBe(read('events.schema.json'))
  })

  it('passes over a field that a later release adds', () => {
    expect(faultsOf(validate, { ...sampleEvents['file:stall'], mood: 3 })).toEqual([])
  })
})

describe('docs/events.md', () => {
  it.each(samples)('names $type and each of its fields', (event) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${event.type}\``)) ?? ''
    const stamp = new Set(['type', 'v', 'jobId', 'atMs'])
    for (const field of Object.keys(event).filter((key) => !stamp.has(key)))
      expect(row).toContain(`\`${field}\``)
  })

  it('explains every warning', () => {
    for (const code of Object.keys(warnings)) expect(page).toContain(`| \`${code}\``)
  })

  it('shows a line of NDJSON that the schema accepts', () => {
    const line = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
    expect(faultsOf(compile(schema), JSON.parse(line))).toEqual([])
  })
})

/** Fields that an event of this type may lack. */
function optionalOf({ type }: HubEvent): ReadonlySet<string> {
  const optional = new Set(['status', 'requestId', 'worker', 'failure'])
  if (type === 'job:end' || type === 'file:end') optional.add('code')
  if (type.startsWith('phase:')) optional.add('path')
  return optional
}

/** The compiler asks for all of them. */
const warnings: Readonly<Record<WarningCode, true>> = {
  STALE_COPY: true,
  ANONYMOUS_RETRY: true,
  LOCK_UNAVAILABLE: true,
  UNVERIFIED: true,
  SPACE_UNKNOWN: true,
  REF_NOT_WRITTEN: true,
  TREE_NOT_WRITTEN: true,
  SERVER_NOTICE: true,
}

function read(name: string): string {
  return readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')
}

function compile(source: unknown) {
  if (typeof source !== 'object' || source === null) throw new TypeError('no schema')
  return new Ajv2020({ allErrors: false }).compile(source)
}

/** The schema as it is for somebody who wants nothing but what it names. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, closed(inner)])
  const made: unknown = Object.fromEntries(entries)
  return 'properties' in value && 'type' in value
    ? Object.assign({}, made, { additionalProperties: false })
    : made
}

function faultsOf(validate: ReturnType<typeof compile>, value: unknown): readonly unknown[] {
  return validate(value) ? [] : (validate.errors ?? ['refused'])
}
