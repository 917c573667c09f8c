import { listGgufVariants } from '@hfx/hub'
import { formatBytes, formatCount } from '@hfx/progress'
import type { RepoFile, RepoInfo, RepoRefs } from '@hfx/core'
import type { InfoFlags } from '../commands/info.ts'
import type { CliIo } from '../io.ts'
import { withHub } from '../open-hub.ts'
import { renderFacts } from '../output/facts.ts'
import { print, readFormat } from '../output/format.ts'
import { refOptions } from '../ref-options.ts'

export async function runInfo(io: CliIo, repo: string, flags: InfoFlags): Promise<void> {
  const format = readFormat(flags)
  const options = refOptions(io, flags)
  const { info, refs, files } = await withHub(
    io,
    { flags: { ...flags, progress: 'none' } },
    async ({ client }) => {
      const [about, allRefs] = await Promise.all([
        client.repoInfo(repo, options),
        client.listRefs(repo, options),
      ])
      const list: RepoFile[] = []
      for await (const file of client.listFiles(repo, options)) list.push(file)
      return { info: about, refs: allRefs, files: list }
    },
  )
  const facts = describeFacts({ info, refs, files })
  print(io, format, {
    human: (width) =>
      renderFacts(
        [
          ...Object.entries(facts).filter(
            ([name]) => !['files', 'totalBytes', 'usedStorageBytes', 'labels'].includes(name),
          ),
          ['size', `${formatCount(files.length, 'file')}, ${formatBytes(facts.totalBytes)}`],
          ['labels', info.tags],
        ],
        width,
      ),
    json: () => facts,
    quiet: () => info.commit,
  })
}

function describeFacts(found: {
  readonly info: RepoInfo
  readonly refs: RepoRefs
  readonly files: readonly RepoFile[]
}) {
  const { info, refs, files } = found
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  const quants = [...new Set(listGgufVariants(files).map(({ quant }) => quant))].filter(
    (quant) => quant !== '',
  )
  return {
    repo: info.repo.id,
    type: info.repo.type,
    commit: info.commit,
    private: info.private,
    gated: info.gated,
    disabled: info.disabled,
    lastModified: info.lastModified ?? null,
    files: files.length,
    totalBytes,
    usedStorageBytes: info.usedStorageBytes ?? null,
    branches: refs.branches.map(({ name }) => name),
    tags: refs.tags.map(({ name }) => name),
    pullRequests: refs.pullRequests.map(({ name }) => name),
    quantisations: quants,
    labels: info.tags,
  }
}
