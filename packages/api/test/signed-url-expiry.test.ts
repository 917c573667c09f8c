import { array, assert, constantFrom, property, string, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findSignedUrlExpiry } from '../src/index.ts'

const policy = (statement: unknown): string =>
  Buffer.from(JSON.stringify({ Statement: [statement] }))
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('=', '_')
    .replaceAll('/', '~')
const until = (seconds: unknown): unknown => ({
  Resource: 'https://cdn/*??????',
  Condition: { DateLessThan: { 'AWS:EpochTime': seconds } },
})

const noon = Date.parse('2026-09-25T12:00:00Z')

describe('when a signed URL ends', () => {
  it.each([
    ['X-Amz-Date=20260925T115000Z&X-Amz-Expires=600', noon],
    ['X-Goog-Date=20260925T115000Z&X-Goog-Expires=600', noon],
    [`Expires=${noon / 1000}`, noon],
    [`Policy=${policy(until(noon / 1000))}`, noon],
    [`se=2026-09-25T12%3A00%3A00Z&sp=r&sig=x`, noon],
    [`Expires=${noon / 1000}&se=2026-09-25T13%3A00%3A00Z`, noon],
    [`X-Amz-Date=20260925T115000Z&X-Amz-Expires=600&Expires=${noon / 1000 + 5}`, noon],
  ])('%s', (query, expiresAtMs) => {
    expect(findSignedUrlExpiry(`https://cdn.example/x?${query}`)).toBe(expiresAtMs)
  })

  it.each([
    '', 'X-Amz-Expires=600', 'X-Amz-Date=20260925T115000Z', 'X-Amz-Date=yesterday&X-Amz-Expires=1',
    'X-Amz-Date=20261399T115000Z&X-Amz-Expires=600', 'X-Amz-Date=20260925T115000Z&X-Amz-Expires=-1',
    'Expires=', 'Expires=soon', 'Expires=1e9', 'Expires=9999999999999', 'Policy=', 'Policy=%%%', 'Policy=e30_',
    `Policy=${policy(until('soon'))}`, `Policy=${policy(until(-1))}`, `Policy=${policy(null)}`, 'se=soon',
  ])('is not said by ?%s', (query) => {
    expect(findSignedUrlExpiry(`https://cdn.example/x?${query}`)).toBeUndefined()
  }) // prettier-ignore

  it('is not said by what is no URL', () => {
    expect(findSignedUrlExpiry('/x?Expires=1700000000')).toBeUndefined()
  })

  it('of any query is a number or undefined', () => {
    const name = constantFrom('X-Amz-Date', 'X-Amz-Expires', 'Expires', 'Policy', 'se')
    assert(
      property(array(tuple(name, string({ unit: 'binary' }))), (pairs) => {
        const found = findSignedUrlExpiry(`https://x/?${new URLSearchParams(pairs).toString()}`)
        expect(found === undefined || Number.isFinite(found)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
