import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HubError, type RepoFile } from '@hfx/core'
import { formatBytes, formatDuration, formatRate } from '@hfx/progress'
import type { BenchFlags } from '../commands/bench.ts'
import type { CliIo } from '../io.ts'
import { type ClientFlags, withHub } from '../open-hub.ts'
import { print, readFormat } from '../output/format.ts'
import { renderTable } from '../output/table.ts'
import { refOptions } from '../ref-options.ts'

interface Measurement {
  readonly connections: number | 'auto'
  readonly bytes: number
  readonly durationMs: number
  readonly bytesPerSecond: number
}

/** Files above this are not fetched unasked. */
const largestBytes = 1e9

/** Fetches one file into a folder that goes away, once for each number of connections and round. */
export async function runBench(io: CliIo, repo: string, flags: BenchFlags): Promise<void> {
  const format = readFormat(flags)
  const counts = (flags.connections ?? ['auto', '1']).map(readCount)
  const file = await chooseFile(io, repo, flags)
  io.err(`${file.path}, ${formatBytes(file.sizeBytes)}\n`)
  const measured: Measurement[] = []
  for (let round = 0; round < (flags.rounds ?? 1); round++) {
    for (const connections of counts) {
      const one = await measure(io, { repo, path: file.path, flags, connections })
      measured.push(one)
      io.err(`  ${connections} connections: ${formatRate(one.bytesPerSecond)}\n`)
    }
  }
  print(io, format, {
    human: (width) =>
      renderTable(
        [
          { title: 'CONNECTIONS' },
          { title: 'TIME', align: 'right' },
          { title: 'RATE', align: 'right' },
        ],
        measured.map((one) => [
          String(one.connections),
          formatDuration(one.durationMs),
          formatRate(one.bytesPerSecond),
        ]),
        width,
      ),
    json: () => ({ repo, file: file.path, sizeBytes: file.sizeBytes, measured }),
    ndjson: () => measured,
    quiet: () => measured.map((one) => String(one.bytesPerSecond)),
  })
}

async function measure(
  io: CliIo,
  what: {
    readonly repo: string
    readonly path: string
    readonly flags: BenchFlags
    readonly connections: number | 'auto'
  },
): Promise<Measurement> {
  const { repo, path, flags, connections } = what
  const folder = await mkdtemp(join(tmpdir(), 'hfx-bench-'))
  const limits = {
    ...hubOf(flags),
    ...(flags.limitRate === undefined ? {} : { limitRate: flags.limitRate }),
    // A cache of its own: nothing may be here already.
    cacheDir: folder,
    ...(connections === 'auto' ? {} : { connections }),
  }
  try {
    const result = await withHub(io, { flags: limits }, ({ client }) =>
      client.download(repo, path, { ...refOptions(io, flags), force: true }),
    )
    return {
      connections,
      bytes: result.fetchedBytes,
      durationMs: Math.round(result.durationMs),
      bytesPerSecond: Math.round((result.fetchedBytes / Math.max(1, result.durationMs)) * 1000),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function chooseFile(io: CliIo, repo: string, flags: BenchFlags): Promise<RepoFile> {
  const files: RepoFile[] = []
  await withHub(io, { flags: hubOf(flags) }, async ({ client }) => {
    for await (const file of client.listFiles(repo, refOptions(io, flags))) files.push(file)
  })
  const found =
    flags.file === undefined
      ? files
          .filter((file) => file.sizeBytes <= largestBytes)
          .toSorted((a, b) => b.sizeBytes - a.sizeBytes)[0]
      : files.find((file) => file.path === flags.file)
  if (found) return found
  throw new HubError({
    code: 'HUB_ENTRY_NOT_FOUND',
    message:
      flags.file === undefined
        ? `${repo} has no file below 1 GB`
        : `${repo} has no file ${flags.file}`,
    hint: `Name one with --file; hfx ls ${repo} lists them.`,
  })
}

function hubOf(flags: BenchFlags): ClientFlags {
  return { progress: 'none', ...(flags.endpoint === undefined ? {} : { endpoint: flags.endpoint }) }
}

function readCount(text: string): number | 'auto' {
  if (text === 'auto') return text
  const count = Number(text)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `--connections ${JSON.stringify(text)} is no count`,
    hint: 'Give a whole number above zero, or auto.',
  })
}
