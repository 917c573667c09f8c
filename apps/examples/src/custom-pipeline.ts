import { planGc, scanCache } from '@hfx/cache'
import { systemClock } from '@hfx/core'
import { createHttp } from '@hfx/http'
import { formatBytes } from '@hfx/progress'
import { createFileTransfer, downloadUrl } from '@hfx/transfer'
import type { SampleIo } from './sample.ts'

/** Single packages on their own: any URL through `@hfx/transfer`, and a look into the cache through `@hfx/cache`. */
export async function main(io: SampleIo): Promise<number> {
  const [url = 'https://example.org/big.bin', digest, cacheFolder] = io.args
  await fetchAnything(io, url, digest)
  if (cacheFolder !== undefined) await lookIntoCache(io, cacheFolder)
  return 0
}

/** No Hub, no cache: one URL, resumed and verified, over as many connections as help. */
async function fetchAnything(io: SampleIo, url: string, digest?: string): Promise<void> {
  const http = createHttp({ environment: io.env })
  const transfer = createFileTransfer({ rangeReader: http.rangeReader })
  try {
    const file = await downloadUrl(
      { transfer, transport: http.transport },
      {
        url,
        to: io.env['DOWNLOAD_TO'] ?? 'big.bin',
        ...(digest === undefined ? {} : { hash: { algorithm: 'sha256', digest } }),
      },
      { signal: io.signal },
    )
    io.print(`${file.path}: ${formatBytes(file.sizeBytes)}, verified by ${file.verifiedBy}`)
  } finally {
    await transfer.close()
    await http.close()
  }
}

/** No network: what is in the cache, and what could go to get below a size. */
async function lookIntoCache(io: SampleIo, root: string): Promise<void> {
  const { repos, sizeBytes } = await scanCache(root)
  for (const { repo, revisions } of repos) {
    io.print(`${repo.type} ${repo.id}: ${revisions.length} revisions`)
  }
  const plan = await planGc(root, systemClock.now(), { maxBytes: 0 })
  io.print(`${formatBytes(sizeBytes)} in the cache, ${formatBytes(plan.freedBytes)} could go`)
}
