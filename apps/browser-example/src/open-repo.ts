import { createHubApi } from '@hfx/api'
import { parseRepo, type RepoFile } from '@hfx/core'
import { createFetchHttp } from '@hfx/http/fetch'

/** A repository at a commit, as a page reads it. */
export interface OpenRepo {
  readonly commit: string
  readonly files: readonly RepoFile[]
  /** The first bytes of a file; no more than these cross the network. */
  readStart(path: string, mostBytes: number): Promise<Uint8Array>
}

/** Lists the main branch of a repository of models. Rejects with a `HubError` that says what to do. */
export async function openRepo(endpoint: string, id: string): Promise<OpenRepo> {
  const http = createFetchHttp({ endpoint })
  const api = createHubApi({ transport: http.transport }, { endpoint })
  const repo = parseRepo({ type: 'model', id })
  const { commit } = await api.resolveRevision(repo, 'main')
  const files: RepoFile[] = []
  for await (const page of api.listTree(repo, commit)) files.push(...page)
  return {
    commit,
    files,
    async readStart(path, mostBytes) {
      const { file, location } = await api.describeFile(repo, commit, path)
      const end = Math.min(mostBytes, file.sizeBytes)
      if (end === 0) return new Uint8Array()
      const range = { url: location.url, start: 0, end, totalBytes: file.sizeBytes }
      const bytes = new Uint8Array(end)
      let at = 0
      await http.rangeReader.readRange(range, {
        onData(chunk) {
          bytes.set(chunk, at)
          at += chunk.length
          return true
        },
      })
      return bytes
    },
  }
}
