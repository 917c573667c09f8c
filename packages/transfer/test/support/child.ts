import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createFileTransfer } from '@hfx/transfer'
import { createNodeRangeReader } from './node-range-reader.ts'

/** What a child process is to bring. */
export interface ChildJob {
  readonly url: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly folder: string
  readonly partBytes: number
  readonly connections: number
}

const job: ChildJob = JSON.parse(process.argv[2] ?? '')
const rangeReader = createNodeRangeReader()
const transfer = createFileTransfer(
  { rangeReader },
  { partBytes: job.partBytes, connections: job.connections, stallTimeoutMs: 3000 },
)
const source = {
  path: 'soak.bin',
  sizeBytes: job.sizeBytes,
  hash: { algorithm: 'sha256', digest: job.sha256 },
  locate: () => Promise.resolve({ url: job.url }),
} as const
const result = await transfer.transferFile(source, { folder: job.folder, stem: job.sha256 })
await rename(result.file.path, join(job.folder, job.sha256))
await transfer.close()
await rangeReader.close()
const { fetchedBytes, resumedBytes } = result
process.stdout.write(JSON.stringify({ fetchedBytes, resumedBytes }))
