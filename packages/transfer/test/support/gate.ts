import type { PauseGate } from '@hfx/core'

/** A pause button for one file. */
export function createGate(): PauseGate & { set(paused: boolean): void } {
  const listeners = new Set<(paused: boolean) => void>()
  let paused = false
  return {
    get paused() {
      return paused
    },
    whenOpen: () =>
      new Promise((resolve) => {
        if (!paused) resolve()
        else
          listeners.add(function once(now) {
            if (now) return
            listeners.delete(once)
            resolve()
          })
      }),
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    set: (next) => {
      paused = next
      listeners.forEach((listener) => listener(next))
    },
  }
}
