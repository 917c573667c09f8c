// The flow that every runtime must carry: started by tooling/test-runtimes.mjs under Node, Bun and Deno.
// Answers one line of JSON; the caller holds it against the request log of the fake Hub.
import { createHubClient } from '../../packages/hub/dist/index.js'

const hub = createHubClient()
const commit = process.argv[2]

const first = await hub.snapshot('acme/plain')
const again = await hub.snapshot('acme/plain', { revision: commit })
const cut = await hub.download('acme/cut', 'cut.bin')
const bad = await codeOf(hub.download('acme/bad', 'bad.bin'))
const abort = await abortEarly()
await hub.close()

console.log(
  JSON.stringify({
    folder: first.folder,
    files: first.files.map((file) => file.path),
    fetchedBytes: first.fetchedBytes,
    fetchedAgain: again.fetchedBytes,
    cut: { path: cut.localPath, sizeBytes: cut.sizeBytes },
    bad,
    abort,
  }),
)

/** @param {PromiseLike<unknown>} job */
async function codeOf(job) {
  try {
    await job
    return 'no error'
  } catch (error) {
    return error.code ?? error.name
  }
}

async function abortEarly() {
  const controller = new AbortController()
  const stop = { signal: controller.signal, onEvent: abortOnProgress }
  return codeOf(hub.download('acme/slow', 'slow.bin', stop))

  /** @param {{ type: string }} event */
  function abortOnProgress(event) {
    if (event.type === 'file:progress')
      controller.abort(Object.assign(new Error('enough'), { code: 'STOPPED' }))
  }
}
