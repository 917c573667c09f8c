// A process of its own: the Hub's CPU time is no client's. It is told what to serve over the channel to its parent.
import { readFile } from 'node:fs/promises'
import { type FileSpec, startFakeHub } from '@hfx/fake-hub'
import { blobSource } from './blobs.ts'
import { type HubOrder, type HubReply, isOrder, smallFilePaths } from './hub-process.ts'

type ServeOrder = Extract<HubOrder, { kind: 'serve' }>

function reply(message: HubReply): void {
  process.send?.(message)
}

async function serve(order: ServeOrder): Promise<void> {
  const files: Record<string, FileSpec> = {}
  for (const { path, blob } of order.blobs)
    files[path] = { lfs: true, source: blobSource(blob), trustSha256: blob.sha256 }
  for (const [index, path] of smallFilePaths(order.smallFiles).entries())
    files[path] = { generate: { sizeBytes: 1024 + ((index * 7919) % 16_384), seed: index } }
  const tls = order.tls
    ? {
        cert: await readFile(order.tls.certPath, 'utf8'),
        key: await readFile(order.tls.keyPath, 'utf8'),
      }
    : undefined
  const hub = await startFakeHub({
    repos: [{ id: 'bench/repo', commits: [{ files }] }],
    ...(order.cdnUrl === undefined ? {} : { cdnRedirect: order.cdnUrl }),
    ...(tls ? { tls } : {}),
  })
  if (order.latencyMs > 0) hub.addFault({ fault: { kind: 'latency', ms: order.latencyMs } })
  if (order.cdnBytesPerSecond !== undefined)
    hub.addFault({
      on: { host: 'cdn' },
      fault: { kind: 'rate', bytesPerSecond: order.cdnBytesPerSecond },
    })
  process.on('message', () => {
    const { requests } = hub
    const metadata = requests.filter(
      ({ path }) => path.startsWith('/api/') && !path.startsWith('/api/resolve-cache/'),
    )
    const data = requests.filter(({ host }) => host === 'cdn')
    reply({
      kind: 'counts',
      requests: requests.length,
      metadataRequests: metadata.length,
      sentBytes: data.reduce((sum, request) => sum + request.sentBytes, 0),
      dataMs:
        Math.max(0, ...data.map(({ endedAtMs }) => endedAtMs ?? 0)) -
        Math.min(...data.map(({ atMs }) => atMs)),
    })
    hub.clearRequests()
  })
  process.on('disconnect', () => void hub.close())
  reply({ kind: 'ready', url: hub.url, commit: hub.commit('bench/repo', 'main') })
}

process.once('message', (message) => {
  if (isOrder(message) && message.kind === 'serve') void serve(message)
})
