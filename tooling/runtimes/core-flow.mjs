// The flow that every runtime must carry: started by tooling/test-runtimes.mjs under Node, Bun and Deno.
// Answers one line of JSON; the caller holds it against the request log of the fake Hub.
import { createHubClient } from '../../packages/hub/dist/index.js'

const [, , step, commit] = process.argv
/** Enough that a resume has something to go on from. */
const enoughBytes = 4 * 2 ** 20

const hub = createHubClient()
console.log(JSON.stringify(step === 'resume' ? await resume() : await everything()))
await hub.close()

async function everything() {
  const first = await hub.snapshot('acme/plain')
  const again = await hub.snapshot('acme/plain', { revision: commit })
  const cut = await hub.download('acme/cut', 'cut.bin')
  return {
    files: first.files.map((file) => file.path),
    fetchedBytes: first.fetchedBytes,
    fetchedAgain: again.fetchedBytes,
    cut: { path: cut.localPath, sizeBytes: cut.sizeBytes },
    bad: await codeOf(hub.download('acme/bad', 'bad.bin')),
    abort: await abortEarly(),
  }
}

/** In another process than the one that was stopped. */
async function resume() {
  const { localPath, sizeBytes, fetchedBytes } = await hub.download('acme/slow', 'slow.bin')
  return { path: localPath, sizeBytes, fetchedBytes }
}

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

  /** @param {{ type: string, doneBytes?: number }} event */
  function abortOnProgress(event) {
    if (event.type === 'file:progress' && (event.doneBytes ?? 0) >= enoughBytes)
      controller.abort(Object.assign(new Error('enough'), { code: 'STOPPED' }))
  }
}
