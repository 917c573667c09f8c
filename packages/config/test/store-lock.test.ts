import { mkdir, readdir, rmdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@hfx/core'
import { createManualClock, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { withStoreLock } from '../src/store-lock.ts'

async function leaveLock(): Promise<string> {
  const store = join(await useTempDir(), 'stored_tokens')
  await mkdir(`${store}.hfx-lock`)
  await utimes(`${store}.hfx-lock`, 1_000_000, 1_000_000)
  return store
}

describe('the lock of the login store', () => {
  it('that a dead process left is taken by one at a time, however many come at once', async () => {
    for (let round = 0; round < 20; round += 1) {
      const store = await leaveLock()
      let running = 0
      let most = 0
      const work = async (): Promise<void> => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setTimeout(resolve, 2))
        running -= 1
      }
      await Promise.all(Array.from({ length: 8 }, () => withStoreLock(store, systemClock, work)))
      expect(most).toBe(1)
      expect(await readdir(join(store, '..'))).toEqual([])
    }
  })

  it('is not taken from whoever has just taken the one that was left', async () => {
    const store = await leaveLock()
    const lock = `${store}.hfx-lock`
    await mkdir(`${lock}.clear`)
    let done = false
    const work = withStoreLock(store, systemClock, async () => {
      done = true
    })
    await new Promise((resolve) => setTimeout(resolve, 120))
    expect(done).toBe(false)
    await rmdir(lock)
    await mkdir(lock)
    await rmdir(`${lock}.clear`)
    await new Promise((resolve) => setTimeout(resolve, 120))
    expect(done).toBe(false)
    await rmdir(lock)
    await work
    expect(done).toBe(true)
  })

  it('of another is left alone by an owner who took too long', async () => {
    const store = join(await useTempDir(), 'stored_tokens')
    const lock = `${store}.hfx-lock`
    await withStoreLock(store, systemClock, async () => {
      await rmdir(lock)
      await mkdir(lock)
    })
    expect(await readdir(join(store, '..'))).toEqual(['stored_tokens.hfx-lock'])
  })

  it('that nobody lets go of is an error after half a minute', async () => {
    const store = join(await useTempDir(), 'stored_tokens')
    const clock = createManualClock(systemClock.now())
    await mkdir(`${store}.hfx-lock`)
    const ended = withStoreLock(store, clock, async () => undefined).catch(
      (error: unknown) => error,
    )
    await clock.advance(31_000)
    expect(await ended).toMatchObject({ code: 'HUB_LOCK_FAILED' })
  })
})
