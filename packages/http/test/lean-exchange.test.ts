import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLeanExchange } from '../src/lean-exchange.ts'
import type { Appetite } from '../src/wire.ts'

const answer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello')

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('the timer of an exchange', () => {
  it.each<Appetite>(['more', 'pause', 'enough'])(
    'is over when the taker of the first bytes ends the exchange, whatever it answers then (%s)',
    (appetite) => {
      const controller = new AbortController()
      const outcomes: unknown[] = []
      const exchange = createLeanExchange(
        {
          method: 'GET',
          url: new URL('http://hub.test/'),
          headers: {},
          fresh: false,
          follow: false,
          signal: controller.signal,
        },
        {
          limits: {
            timeouts: { connectMs: 1, tlsMs: 1, headersMs: 1000, idleMs: 1000, requestMs: 1000 },
            maxHeaderBytes: 65_536,
          },
          onHead: () => () => {
            controller.abort('enough')
            return appetite
          },
          onContent: () => {},
          release: () => {},
          resume: () => {},
          onOver: (outcome) => outcomes.push(outcome),
        },
      )
      exchange.take(answer)
      expect(outcomes).toEqual([{ error: 'enough', isReusable: false }])
      expect(vi.getTimerCount()).toBe(0)
    },
  )
})
