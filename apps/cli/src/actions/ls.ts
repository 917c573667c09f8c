import type { RepoFile } from '@hfx/core'
import { formatBytes, formatCount } from '@hfx/progress'
import type { LsRequest } from '../commands/ls.ts'
import type { CliIo } from '../io.ts'
import { withHub } from '../open-hub.ts'
import { print, readFormat } from '../output/format.ts'
import { refOptions } from '../ref-options.ts'
import { renderTable } from '../output/table.ts'
import { renderTree } from '../output/tree.ts'

export async function runLs(io: CliIo, { repo, path, flags }: LsRequest): Promise<void> {
  const format = readFormat(flags)
  const files = await withHub(io, { flags: { ...flags, progress: 'none' } }, ({ client }) =>
    collect(
      client.listFiles(repo, {
        ...refOptions(io, flags),
        ...(path === undefined ? {} : { path: path.replace(/\/+$/, '') }),
      }),
    ),
  )
  print(io, format, {
    human: (width) => (flags.tree ? renderTree(files) : renderFiles(files, width)),
    json: () => files.map(toDocument),
    quiet: () => files.map((file) => file.path),
  })
  if (format === 'human') {
    const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
    io.err(`${formatCount(files.length, 'file')}, ${formatBytes(bytes)}\n`)
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

function renderFiles(files: readonly RepoFile[], width: number): string {
  if (files.length === 0) return ''
  return renderTable(
    [
      { title: 'SIZE', align: 'right' },
      { title: 'FILE', cut: 'start' },
    ],
    files.map((file) => [formatBytes(file.sizeBytes), file.path]),
    width,
  )
}

function toDocument(file: RepoFile) {
  return {
    path: file.path,
    sizeBytes: file.sizeBytes,
    blobId: file.blobId,
    ...(file.lfs ? { sha256: file.lfs.sha256 } : {}),
    ...(file.xetHash === undefined ? {} : { xetHash: file.xetHash }),
  }
}
