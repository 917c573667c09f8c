import { HubError, type HubErrorInit, isHubError, redactText } from '@hfx/core'

/** What a {@link WiringError} is made of. */
export interface WiringErrorInit extends HubErrorInit {
  readonly path?: readonly string[]
  readonly errors?: readonly unknown[]
}

/**
 * An application that could not be wired, started or stopped. `code` is `HUB_WIRING`, or the code of the part's own
 * failure when that was a `HubError`, so that exit codes and handlers see what really went wrong.
 */
export class WiringError extends HubError {
  override readonly name = 'WiringError'
  /** From what was asked for to what failed, as `part (module)`. Empty when no single part is at fault. */
  readonly path: readonly string[]
  /** Every failure, first cause first: the failed start and what its rollback met, or all stop hooks that failed. */
  readonly errors: readonly unknown[]

  constructor(init: WiringErrorInit) {
    super(init)
    this.path = init.path ?? []
    this.errors = init.errors ?? []
  }
}

/** A failure of somebody's own code, told with the place in the application where it happened. */
export function wrapFailure(
  what: string,
  cause: unknown,
  path: readonly string[] = [],
): WiringError {
  const hint = isHubError(cause) ? cause.hint : undefined
  return new WiringError({
    code: isHubError(cause) ? cause.code : 'HUB_WIRING',
    message: `${what}: ${messageOf(cause)}`,
    ...(hint !== undefined && { hint }),
    cause,
    path,
    errors: [cause],
  })
}

/** One line about anything that was thrown. */
export function messageOf(error: unknown): string {
  return redactText(error instanceof Error ? error.message : String(error))
}
