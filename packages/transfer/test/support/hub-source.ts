import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { FlowEvent, StagedFile, TransferSource } from '@hfx/core'
import { startFakeHub, type FakeHub, type FakeHubOptions, type LoggedRequest } from '@hfx/fake-hub'
import { createHttp, type HttpOptions } from '@hfx/http'
import {
  createFileTransfer,
  type TransferOptions,
  type TunableFileTransfer,
} from '../../src/index.ts'

/** Bytes that repeat nowhere soon, the same for the same seed. */
export function makeBytes(sizeBytes: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(sizeBytes)
  let state = seed * 2_654_435_761
  for (let at = 0; at + 4 <= sizeBytes; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    bytes.writeInt32LE(state, at)
  }
  return bytes
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function gitSha1(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex')
}

export interface Bench {
  readonly hub: FakeHub
  readonly transfer: TunableFileTransfer
  readonly events: FlowEvent[]
  readonly source: (name: string) => TransferSource
  /** Requests for bytes at the data origin. */
  readonly data: () => readonly LoggedRequest[]
}

export interface BenchOptions {
  readonly transfer?: TransferOptions
  readonly http?: HttpOptions
  readonly hub?: FakeHubOptions
}

export const repoId = 'acme/bytes'

/** A Hub with the given LFS files, and a transfer over the real HTTP package. Both end with the test. */
export async function startBench(
  files: Readonly<Record<string, Buffer>>,
  options: BenchOptions = {},
): Promise<Bench> {
  const specs = Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, { lfs: true, bytes }]),
  )
  const hub = await startFakeHub({
    repos: [{ id: repoId, commits: [{ files: specs }] }],
    ...options.hub,
  })
  const http = createHttp({ endpoint: hub.url, ...options.http })
  const transfer = createFileTransfer({ rangeReader: http.rangeReader }, options.transfer)
  onTestFinished(async () => {
    await transfer.close()
    await http.close()
    await hub.close()
  })
  return {
    hub,
    transfer,
    events: [],
    data: () => hub.requests.filter((request) => request.host === 'cdn'),
    source: (name) => {
      const bytes = files[name] ?? Buffer.alloc(0)
      return {
        path: name,
        sizeBytes: bytes.byteLength,
        hash: { algorithm: 'sha256', digest: sha256(bytes) },
        locate: () => Promise.resolve({ url: `${hub.url}/${repoId}/resolve/main/${name}` }),
      }
    },
  }
}

export function stageIn(folder: string, source: Pick<TransferSource, 'hash'>): StagedFile {
  return { folder, stem: source.hash?.digest ?? 'unknown' }
}
