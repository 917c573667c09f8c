import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Starts the embedded Hub as its own process (`hfx demo serve`) and waits until it answers.
 * @param {{ cli: string, readyFile: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ url: string, stop(): Promise<void> }>}
 */
export async function startDemoHub({ cli, readyFile, env }) {
  await rm(readyFile, { force: true })
  const args = [cli, 'demo', 'serve', '--port', '0', '--ready-file', readyFile]
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (complaint += text))
  const ended = new Promise((resolve) => child.once('close', resolve))
  for (const deadline = performance.now() + 30_000; performance.now() < deadline;) {
    const url = await readFile(readyFile, 'utf8').catch(() => '')
    if (url.trim()) return { url: url.trim(), stop: () => stop(child, ended) }
    if (child.exitCode !== null) throw new Error(`the embedded Hub did not start:\n${complaint}`)
    await sleep(50)
  }
  await stop(child, ended)
  throw new Error(`the embedded Hub was not ready after 30 s:\n${complaint}`)
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {Promise<unknown>} ended
 */
async function stop(child, ended) {
  if (child.exitCode === null) child.kill()
  const patience = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(patience)
}
