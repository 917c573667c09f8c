import type { Logger } from '@hfx/core'

import type { PartKind } from './part-node.ts'

interface Ended {
  readonly outcome: 'done' | 'failed'
  readonly durationMs: number
  /** What went wrong, without secrets. Present when `outcome` is `failed`. */
  readonly message?: string
}

interface AtPart {
  /** Name of the token, or of the invoke. */
  readonly part: string
  /** Module path; empty for the application itself. */
  readonly module: string
}

/** What the container does, as it does it. Serialisable; each `start` is followed by one `end`. */
export type WiringEvent =
  | (AtPart & { readonly type: 'wire:add'; readonly kind: PartKind; readonly isPrivate: boolean })
  | (AtPart & { readonly type: 'build:start'; readonly kind: PartKind })
  | (AtPart & { readonly type: 'build:end'; readonly kind: PartKind } & Ended)
  | (AtPart & {
      readonly type: 'hook:start'
      readonly phase: 'start' | 'stop'
      readonly hook: string
    })
  | (AtPart & {
      readonly type: 'hook:end'
      readonly phase: 'start' | 'stop'
      readonly hook: string
    } & Ended)
  | { readonly type: 'startup:start' }
  | ({ readonly type: 'startup:end' } & Ended)
  | { readonly type: 'rollback:start'; readonly message: string }
  | ({ readonly type: 'rollback:end' } & Ended)
  | { readonly type: 'shutdown:request'; readonly reason: string; readonly exitCode: number }
  | { readonly type: 'shutdown:start' }
  | ({ readonly type: 'shutdown:end' } & Ended)

/** Takes events as they happen. What it throws is contained. */
export type WiringSink = (event: WiringEvent) => void

/** A sink that writes events to a logger: failures as errors, the application's own steps as info, the rest as debug. */
export function logWiringEvents(logger: Logger): WiringSink {
  return (event) => {
    const { type, ...fields } = event
    const level = 'outcome' in event && event.outcome === 'failed' ? 'error' : levelOf(type)
    logger[level](`wiring ${type}`, fields)
  }
}

/** A sink that can be given a second listener later, who then hears everything from the beginning. */
export interface EventRecord {
  readonly emit: WiringSink
  connect(sink: WiringSink): void
}

/** Keeps events only while somebody is still to be connected. */
export function createEventRecord(sink: WiringSink, keep: boolean): EventRecord {
  let early: WiringEvent[] | undefined = keep ? [] : undefined
  let later: WiringSink | undefined
  return {
    emit(event) {
      sink(event)
      early?.push(event)
      later?.(event)
    },
    connect(next) {
      for (const event of early ?? []) next(event)
      early = undefined
      later = next
    },
  }
}

/** A sink that a transfer, a start or a stop cannot be hurt by. */
export function containSink(sink: WiringSink): WiringSink {
  return (event) => {
    try {
      sink(event)
    } catch {
      // The container goes on without its listener: a log that fails must not keep an application from stopping.
    }
  }
}

function levelOf(type: WiringEvent['type']): 'debug' | 'info' | 'warn' {
  if (type.startsWith('rollback')) return 'warn'
  return type.startsWith('startup') || type.startsWith('shutdown') ? 'info' : 'debug'
}
