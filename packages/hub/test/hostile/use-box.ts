import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HubEvent, LogFields, Logger } from '@hfx/core'
import { type FakeHub, type FakeHubOptions, startFakeHub } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { expect, onTestFinished } from 'vitest'
import { createHubClient, type HubClient, type HubClientOptions } from '../../src/index.ts'

/** A Hub that means harm, a machine to harm, and a wall around what may be written. */
export interface Box {
  readonly hub: FakeHub
  /** Cache and local folders belong in here. */
  readonly cacheDir: string
  readonly localDir: string
  /** Holds `theirs.txt`; whatever happens, nothing else. */
  readonly outside: string
  /** Everything that was told: events and log records. */
  readonly told: readonly unknown[]
  open(options?: HubClientOptions): HubClient
  /** Nothing was written but inside of the folders meant for it, and what was there before is as it was. */
  expectConfined(): Promise<void>
}

export type BoxOptions = Omit<FakeHubOptions, 'repos'> & {
  readonly commit: NonNullable<NonNullable<FakeHubOptions['repos']>[number]['commits']>[number]
}

/** The repository is `evil/repo`. */
export async function useBox({ commit, ...options }: BoxOptions): Promise<Box> {
  const root = await useTempDir()
  const [cacheDir, localDir, outside] = ['inside/hub', 'inside/local', 'outside'].map((name) =>
    join(root, name),
  )
  if (!cacheDir || !localDir || !outside) throw new Error('three folders are needed')
  for (const folder of [localDir, outside]) await mkdir(folder, { recursive: true })
  await writeFile(join(outside, 'theirs.txt'), 'theirs')
  const hub = await startFakeHub({ ...options, repos: [{ id: 'evil/repo', commits: [commit] }] })
  onTestFinished(() => hub.close())
  const told: unknown[] = []
  return {
    hub,
    cacheDir,
    localDir,
    outside,
    told,
    open: (wishes = {}) => openClient(told, { endpoint: hub.url, cacheDir, ...wishes }),
    async expectConfined() {
      const found = await readdir(root, { recursive: true })
      const strays = found.filter((name) => !name.startsWith('inside/'))
      expect(strays.toSorted()).toEqual(['inside', 'outside', 'outside/theirs.txt'])
      expect(await readFile(join(outside, 'theirs.txt'), 'utf8')).toBe('theirs')
    },
  }
}

function openClient(told: unknown[], options: HubClientOptions): HubClient {
  const client = createHubClient({
    env: {},
    token: false,
    maxRetries: 0,
    retryIntervalMs: 1,
    requestTimeoutMs: 5_000,
    logger: createListeningLogger(told),
    onEvent: (event: HubEvent) => void told.push(event),
    ...options,
  })
  onTestFinished(() => client.close())
  return client
}

function createListeningLogger(told: unknown[]): Logger {
  const hear = (message: string, fields?: LogFields): void => void told.push([message, fields])
  return { debug: hear, info: hear, warn: hear, error: hear }
}
