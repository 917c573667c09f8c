import { createHubClient } from '@hfx/hub'
import { formatBytes } from '@hfx/progress'
import type { SampleIo } from './sample.ts'

/** The first steps: one file, a look at the others, and then all of them. */
export async function main(io: SampleIo): Promise<number> {
  const [repo = 'openai/whisper-tiny', folder = './downloads'] = io.args
  const hub = createHubClient({ env: io.env })
  try {
    const { localPath } = await hub.download(repo, 'config.json')
    io.print(`config.json is at ${localPath}`)

    let totalBytes = 0
    for await (const file of hub.listFiles(repo)) {
      totalBytes += file.sizeBytes
      io.print(`${formatBytes(file.sizeBytes).padStart(10)}  ${file.path}`)
    }
    if (!(await io.confirm(`Download ${formatBytes(totalBytes)} into ${folder}?`))) return 0

    const { files, commit, fetchedBytes } = await hub.snapshot(repo, { localDir: folder })
    io.print(`${files.length} files of commit ${commit}, ${formatBytes(fetchedBytes)} fetched`)
    return 0
  } finally {
    await hub.close()
  }
}
