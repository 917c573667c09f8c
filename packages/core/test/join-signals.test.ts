import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { joinSignals } from '../src/index.ts'

it('aborts with the reason of the first that aborts', () => {
  const one = new AbortController()
  const two = new AbortController()
  const joined = joinSignals(one.signal, undefined, two.signal)
  expect(joined.signal.aborted).toBe(false)
  two.abort(new Error('two'))
  one.abort(new Error('one'))
  expect(joined.signal.reason).toEqual(new Error('two'))
})

it('is aborted from the start when one of them was', () => {
  const joined = joinSignals(new AbortController().signal, AbortSignal.abort(new Error('before')))
  expect(joined.signal.reason).toEqual(new Error('before'))
})

it('hears nothing after it has left', () => {
  const source = new AbortController()
  const joined = joinSignals(source.signal)
  joined.leave()
  source.abort()
  expect(joined.signal.aborted).toBe(false)
})

it('ME-4: a thousand joined signals put one listener on what they are made of', () => {
  const source = new AbortController()
  const joined = Array.from({ length: 1000 }, () => joinSignals(source.signal))
  expect(getEventListeners(source.signal, 'abort')).toHaveLength(1)
  source.abort(new Error('all'))
  expect(joined.every(({ signal }) => signal.aborted)).toBe(true)
})
