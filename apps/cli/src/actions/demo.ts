import { rm, writeFile } from 'node:fs/promises'
import { parseBytes } from '@hfx/config'
import { HubError } from '@hfx/core'
import type { FakeHub } from '@hfx/fake-hub'
import type { DemoFlags } from '../commands/demo.ts'
import type { CliIo } from '../io.ts'

/** Serves the sample repositories until the process is told to stop. */
export async function runDemo(io: CliIo, flags: DemoFlags): Promise<void> {
  const { demoRepos, startFakeHub } = await import('@hfx/fake-hub')
  const rate = flags.rate === undefined ? undefined : readRate(flags.rate)
  const repos = demoRepos()
  const hub = await startFakeHub({
    repos,
    port: flags.port,
    // Python's client takes what is on the Hub's own host for the Hub.
    cdnHost: 'localhost',
    users: [{ token: 'hf_demo', name: 'demo' }],
  })
  try {
    if (rate !== undefined)
      hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'rate', bytesPerSecond: rate } })
    if (flags.readyFile !== undefined) await writeFile(flags.readyFile, `${hub.url}\n`)
    io.out(`${hub.url}\n`)
    io.err(describe(hub, repos))
    await stopped(io.signal)
  } finally {
    if (flags.readyFile !== undefined) await rm(flags.readyFile, { force: true })
    await hub.close()
  }
}

function readRate(text: string): number {
  const rate = parseBytes(text)
  if (rate !== undefined && rate > 0) return rate
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `--rate ${JSON.stringify(text)} is not a number of bytes a second`,
    hint: 'Write it as 10MB or 512KiB.',
  })
}

function describe(
  hub: FakeHub,
  repos: readonly { readonly id: string; readonly type?: string }[],
): string {
  const names = repos.map(
    ({ id, type }) => `  ${type === undefined || type === 'model' ? '' : `${type}s/`}${id}`,
  )
  return [
    'A Hub with sample repositories listens here. Ctrl-C ends it.',
    ...names,
    '',
    'In another terminal:',
    `  HF_ENDPOINT=${hub.url} HF_HOME=/tmp/hfx-demo hfx download ${repos[0]?.id ?? ''}`,
    '',
  ].join('\n')
}

/** Being stopped is how a demo ends well. */
async function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
