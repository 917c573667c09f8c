import { channel } from 'node:diagnostics_channel'
import { channels, type EventSink, type HubEvent, type Logger } from '@hfx/core'
import { EventEmitter } from 'eventemitter3'

/** The event of one type. */
export type EventOf<T extends HubEvent['type']> = Extract<HubEvent, { readonly type: T }>

export interface EventBus {
  readonly sink: EventSink
  /** The bus, and one listener that hears what passes through this sink only. */
  also(listener: EventSink): EventSink
  /** Hears every event of every job. Returns the function that stops it. */
  onAny(listener: EventSink): () => void
  /** Hears one type of event. */
  on<T extends HubEvent['type']>(type: T, listener: (event: EventOf<T>) => void): () => void
}

const anyEvent = '*'
const everyEvent = channel(channels.event)

/** Tells every listener of every job. A listener that throws is logged once and cannot hurt a transfer. */
export function createEventBus(logger: Logger): EventBus {
  const emitter = new EventEmitter<Record<string, EventSink>>()

  function guard(listener: EventSink): EventSink {
    let reported = false
    function report(error: unknown): void {
      if (!reported) logger.error('an event listener throws; it goes on being called', { error })
      reported = true
    }
    return (event) => {
      try {
        // An async function is taken as a listener, too; its rejection would end the process.
        const answer: unknown = listener(event)
        if (answer instanceof Promise) answer.catch(report)
      } catch (error) {
        report(error)
      }
    }
  }

  function subscribe(name: string, listener: EventSink): () => void {
    const guarded = guard(listener)
    emitter.on(name, guarded)
    return () => {
      emitter.off(name, guarded)
    }
  }

  function sink(event: HubEvent): void {
    emitter.emit(event.type, event)
    emitter.emit(anyEvent, event)
    if (everyEvent.hasSubscribers) everyEvent.publish(event)
  }

  return {
    sink,
    also(listener) {
      const guarded = guard(listener)
      return (event) => {
        sink(event)
        guarded(event)
      }
    },
    onAny: (listener) => subscribe(anyEvent, listener),
    on: (type, listener) =>
      subscribe(type, (event) => {
        if (isEventOf(event, type)) listener(event)
      }),
  }
}

function isEventOf<T extends HubEvent['type']>(event: HubEvent, type: T): event is EventOf<T> {
  return event.type === type
}
