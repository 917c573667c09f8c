import { expect, it } from 'vitest'
import { createPauseButton } from '../src/pause-gate.ts'

it('lets through at once while open, and waits while paused', async () => {
  const button = createPauseButton()
  await button.whenOpen()
  button.pause()
  const passed: string[] = []
  const waiting = button.whenOpen().then(() => passed.push('through'))
  await Promise.resolve()
  expect(passed).toEqual([])
  button.resume()
  await waiting
  expect(passed).toEqual(['through'])
})

it('gives up waiting when aborted, with the reason', async () => {
  const button = createPauseButton()
  const controller = new AbortController()
  button.pause()
  const waiting = button.whenOpen(controller.signal)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})

it('tells of changes only, and until asked to stop', () => {
  const button = createPauseButton()
  const seen: boolean[] = []
  const stop = button.onChange((paused) => seen.push(paused))
  button.pause()
  button.pause()
  button.resume()
  stop()
  button.pause()
  expect(seen).toEqual([true, false])
})
