import type { HubEvent, Phase } from '@hfx/core'

/** A phase that came to its end, and how long it took. */
export interface PhaseTime {
  readonly phase: Phase
  readonly seconds: number
}

/** Pairs the start of each phase with its end; a phase whose job ends without one is forgotten. */
export function createPhaseClock(): (event: HubEvent) => PhaseTime | undefined {
  const running = new Map<string, Map<string, number>>()
  return (event) => {
    switch (event.type) {
      case 'phase:start': {
        const ofJob = running.get(event.jobId) ?? new Map<string, number>()
        running.set(event.jobId, ofJob.set(keyOf(event), event.atMs))
        return undefined
      }
      case 'phase:end': {
        const ofJob = running.get(event.jobId)
        const startedMs = ofJob?.get(keyOf(event))
        if (startedMs === undefined) return undefined
        ofJob?.delete(keyOf(event))
        return { phase: event.phase, seconds: Math.max(0, event.atMs - startedMs) / 1000 }
      }
      case 'job:end':
        running.delete(event.jobId)
        return undefined
      default:
        return undefined
    }
  }
}

function keyOf(event: { readonly phase: Phase; readonly path?: string }): string {
  return `${event.phase}\0${event.path ?? ''}`
}
