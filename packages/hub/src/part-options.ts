import { resolve } from 'node:path'

import type { HubApiOptions } from '@hfx/api'
import type { HubCacheOptions } from '@hfx/cache'
import type { Environment, ResolvedConfig, Settings } from '@hfx/config'
import type { TokenSource } from '@hfx/core'
import type { HttpOptions } from '@hfx/http'
import type { TransferOptions } from '@hfx/transfer'

/** The options in force. */
export interface Configured {
  readonly config: { readonly settings: Settings }
}

/** The options in force, and what reaches the network beside them. */
export interface Reaching extends Configured {
  readonly environment: Environment
  readonly token: TokenSource
}

/** What the configuration says to `@hfx/http`. */
export function httpOptionsOf({ config, environment, token }: Reaching): HttpOptions {
  const { settings } = config
  const { userAgent, proxy, ca, cert, key, allowedOrigins, requestsPerWindow } = settings
  return {
    endpoint: settings.endpoint,
    environment,
    token,
    verifySsl: settings.verifySsl,
    family: settings.ipFamily,
    timeouts: {
      connectMs: settings.connectTimeoutMs,
      headersMs: settings.etagTimeoutMs,
      requestMs: settings.requestTimeoutMs,
      idleMs: settings.downloadTimeoutMs,
    },
    retry: {
      maxRetries: settings.maxRetries,
      baseMs: settings.retryIntervalMs,
      maxWaitMs: settings.maxRetryWaitMs,
    },
    ...(userAgent !== undefined && { userAgent }),
    ...(proxy !== undefined && { proxy }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(allowedOrigins !== undefined && { allowedOrigins }),
    ...(requestsPerWindow !== undefined && { maxRequestsPerWindow: requestsPerWindow }),
  }
}

/** What the configuration says to `@hfx/api`. */
export function apiOptionsOf({ config }: Configured): HubApiOptions {
  return { endpoint: config.settings.endpoint }
}

/** What the configuration says to `@hfx/transfer`. */
export function transferOptionsOf({ config }: Configured): TransferOptions {
  const { settings } = config
  const { connections, limitRate, deadlineMs, byteBudget } = settings
  return {
    partBytes: settings.partBytes,
    maxBufferedBytes: settings.maxBufferedBytes,
    stallTimeoutMs: settings.stallTimeoutMs,
    minBytesPerSecond: settings.minBytesPerSecond,
    minSpeedWindowMs: settings.minSpeedWindowMs,
    maxAttempts: settings.maxRetries + 1,
    retryWaitMs: settings.retryIntervalMs,
    durable: settings.durable,
    ...(connections !== undefined && { connections }),
    ...(limitRate !== undefined && { limitRate }),
    ...(deadlineMs !== undefined && { deadlineMs }),
    ...(byteBudget !== undefined && { byteBudget }),
  }
}

/** What the configuration says to `@hfx/cache`. */
export function cacheOptionsOf({ config }: Configured): HubCacheOptions {
  const { settings } = config
  return {
    root: resolve(settings.cacheDir),
    layers: settings.layers.map((layer) => resolve(layer)),
    readOnly: settings.readOnly,
    disableSymlinks: !settings.symlinks,
    durable: settings.durable,
    shared: settings.shared,
  }
}

/** A token that a program, a flag or a file gave. One of the environment is found by the token source itself. */
export function givenToken(
  config: ResolvedConfig,
  env: Environment,
): { readonly token: string } | Record<string, never> {
  const found = config.values['token']
  return typeof found?.value === 'string' && !(found.source in env) ? { token: found.value } : {}
}
