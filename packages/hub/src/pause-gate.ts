import type { PauseGate } from '@hfx/core'

export interface PauseButton extends PauseGate {
  pause(): void
  resume(): void
}

/** A gate that starts open. */
export function createPauseButton(): PauseButton {
  let paused = false
  const listeners = new Set<(paused: boolean) => void>()
  function set(next: boolean): void {
    if (paused === next) return
    paused = next
    for (const listener of Array.from(listeners)) listener(next)
  }
  return {
    get paused() {
      return paused
    },
    pause: () => set(true),
    resume: () => set(false),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    whenOpen: (signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        if (!paused) return resolve()
        listeners.add(changed)
        signal?.addEventListener('abort', aborted, { once: true })
        function changed(): void {
          leave()
          resolve()
        }
        function aborted(): void {
          leave()
          reject(signal?.reason)
        }
        function leave(): void {
          listeners.delete(changed)
          signal?.removeEventListener('abort', aborted)
        }
      }),
  }
}
