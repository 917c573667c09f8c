import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { RangeReader } from '@hfx/core'
import { createHttp } from '@hfx/http'
import { createFileTransfer, type TransferOptions } from '@hfx/transfer'
import { createNodeRangeReader } from './node-range-reader.ts'

/** What carries the bytes: either wire of `@hfx/http`, or a reader that keeps no chunk. */
export type WireName = 'lean' | 'undici' | 'node'

/** What a child process is to bring. */
export interface ChildJob {
  readonly endpoint: string
  readonly url: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly folder: string
  readonly partBytes: number
  readonly connections: number
  readonly wire: WireName
  readonly limits?: TransferOptions
  /** Says `proven` instead of committing the file, and waits for its end. */
  readonly halt?: boolean
  /** Path of the certificate to trust. */
  readonly ca?: string
}

const job: ChildJob = JSON.parse(process.argv[2] ?? '')
const rangeReader = openReader()
const transfer = createFileTransfer(
  { rangeReader },
  { partBytes: job.partBytes, connections: job.connections, stallTimeoutMs: 3000, ...job.limits },
)
const source = {
  path: 'soak.bin',
  sizeBytes: job.sizeBytes,
  hash: { algorithm: 'sha256', digest: job.sha256 },
  locate: () => Promise.resolve({ url: job.url }),
} as const
try {
  const path = join(job.folder, job.sha256)
  const { sizeBytes } = job
  const result = await transfer.transferFile(
    source,
    { folder: job.folder, stem: job.sha256 },
    {
      commit: async (file) => {
        if (job.halt) {
          process.stdout.write('proven')
          await new Promise((resolve) => setTimeout(resolve, 600_000))
        }
        await rename(file.path, path)
        return { path, sizeBytes }
      },
    },
  )
  await transfer.close()
  await rangeReader.close()
  const { fetchedBytes, resumedBytes } = result
  process.stdout.write(JSON.stringify({ fetchedBytes, resumedBytes }))
} catch (error) {
  // Nothing is closed on purpose: a transfer that has failed must not keep the process alive.
  process.stderr.write(inspect(error))
  process.exitCode = 1
}

function openReader(): RangeReader {
  if (job.wire === 'node') return createNodeRangeReader()
  const { endpoint, ca, wire } = job
  return createHttp({ endpoint, leanSockets: wire === 'lean', ...(ca === undefined ? {} : { ca }) })
    .rangeReader
}
