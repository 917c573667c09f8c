import { extname } from 'node:path'
import type { DownloadPlan, RepoFile } from '@hfx/core'
import { createHubClient, type HubClient } from '@hfx/hub'
import { formatBytes, formatDuration, formatRate } from '@hfx/progress'
import type { SampleIo } from './sample.ts'

/** A large model behind a gate: may we, what is it, will it fit, how long; then the pull, which may be stopped and resumed. */
export async function main(io: SampleIo): Promise<number> {
  const [repo = 'meta-llama/Llama-3.2-1B', ignorePatterns = 'original/*'] = io.args
  const hub = createHubClient({ env: io.env })
  try {
    const account = await hub.whoami()
    const files = await listAll(hub, repo)
    const probe = chooseProbe(files)
    // A listing is open to all; the gate stands before the files. This question throws HUB_GATED_REPO.
    await hub.fileInfo(repo, probe.path)
    io.print(`${account.name} has access to ${repo}`)

    for (const line of describeKinds(files)) io.print(line)
    const bytesPerSecond = await measureRate(hub, repo, probe)
    const plan = await hub.plan(repo, { ignorePatterns })
    for (const line of describePlan(plan, bytesPerSecond)) io.print(line)
    if (!(await io.confirm(`Download ${formatBytes(plan.fetchBytes)}?`))) return 0
    return await pull(io, hub, { repo, ignorePatterns })
  } finally {
    await hub.close()
  }
}

async function listAll(hub: HubClient, repo: string): Promise<readonly RepoFile[]> {
  const files: RepoFile[] = []
  for await (const file of hub.listFiles(repo)) files.push(file)
  return files
}

/** Large enough to measure with, small enough to wait for. */
function chooseProbe(files: readonly RepoFile[]): RepoFile {
  const fitting = files.filter((file) => file.sizeBytes <= 32e6)
  const [largest] = fitting.toSorted((a, b) => b.sizeBytes - a.sizeBytes)
  if (!largest) throw new Error('no file is small enough to measure with')
  return largest
}

function describeKinds(files: readonly RepoFile[]): readonly string[] {
  const kinds = new Map<string, { count: number; bytes: number }>()
  for (const file of files) {
    const kind = extname(file.path) || '(none)'
    const seen = kinds.get(kind) ?? { count: 0, bytes: 0 }
    kinds.set(kind, { count: seen.count + 1, bytes: seen.bytes + file.sizeBytes })
  }
  return [...kinds]
    .toSorted(([, a], [, b]) => b.bytes - a.bytes)
    .map(([kind, { count, bytes }]) => `${kind}: ${count} files, ${formatBytes(bytes)}`)
}

/** Undefined when the probe was here already and nothing was measured. */
async function measureRate(
  hub: HubClient,
  repo: string,
  probe: RepoFile,
): Promise<number | undefined> {
  const { fetchedBytes, durationMs } = await hub.download(repo, probe.path)
  return fetchedBytes === 0 ? undefined : fetchedBytes / (Math.max(durationMs, 1) / 1000)
}

function describePlan(plan: DownloadPlan, bytesPerSecond: number | undefined): readonly string[] {
  const { fetchBytes, diskBytes, cachedBytes, resumeBytes } = plan
  const time = bytesPerSecond && formatDuration((fetchBytes / bytesPerSecond) * 1000)
  return [
    `to fetch: ${formatBytes(fetchBytes)}, on disk: ${formatBytes(diskBytes)}`,
    `here already: ${formatBytes(cachedBytes + resumeBytes)}`,
    bytesPerSecond
      ? `about ${time} at ${formatRate(bytesPerSecond)} of one small connection, an upper bound`
      : 'how long it takes is not known: nothing had to be fetched to measure with',
  ]
}

async function pull(
  io: SampleIo,
  hub: HubClient,
  { repo, ignorePatterns }: { readonly repo: string; readonly ignorePatterns: string },
): Promise<number> {
  hub.on('file:start', ({ path, resumedBytes }) => {
    if (resumedBytes > 0) io.print(`${path} goes on after ${formatBytes(resumedBytes)}`)
  })
  try {
    const { folder, fetchedBytes } = await hub.snapshot(repo, { ignorePatterns, signal: io.signal })
    io.print(`${folder}: ${formatBytes(fetchedBytes)} fetched, every file verified`)
    return 0
  } catch (error) {
    if (!io.signal.aborted) throw error
    io.print('stopped; run it again to go on where it was')
    return 130
  }
}
