import type { Lifecycle } from '../hook.ts'

/** The part, closed when the application stops or fails to start. */
export function closeAtEnd<T extends { close(): Promise<void> }>(part: T, lifecycle: Lifecycle): T {
  lifecycle.onStop(() => part.close())
  return part
}
