import { Writable } from 'node:stream'
import { isHubError } from '@hfx/core'
import { createHubClient, type HubClient, type HubClientOptions } from '@hfx/hub'
import { createLogger, transports } from 'winston'
import type { SampleIo } from './sample.ts'

/** A client that is told everything, three kinds of repository, and what wrong input is answered with. */
export async function main(io: SampleIo): Promise<number> {
  const [model = 'openai/whisper-tiny', dataset = 'nyu-mll/glue', space = 'gradio/hello_world'] =
    io.args
  const hub = createHubClient(chooseOptions(io))
  try {
    await listFirst(io, hub, model)
    await listFirst(io, hub, `datasets/${dataset}`)
    await listFirst(io, hub, `spaces/${space}`)
    const { localPath, source } = await hub.download(model, 'config.json', { revision: 'main' })
    io.print(`config.json from the ${source}: ${localPath}`)

    await expectFailure(io, () => hub.download('not a repository', 'config.json'))
    await expectFailure(io, () => hub.download(model, '../../etc/passwd'))
    await expectFailure(io, () => hub.download(model, 'no-such-file.bin'))
    await expectFailure(io, () => hub.snapshot(model, { allowPatterns: '*.nothing' }))
    return 0
  } finally {
    await hub.close()
  }
}

/** What is left out comes from `HF_*` variables, then from the defaults of docs/config.md. */
function chooseOptions(io: SampleIo): HubClientOptions {
  return {
    env: io.env,
    userAgent: 'my-app/1.0',
    logger: createWinston(io),
    logLevel: 'debug',
    detailedLogs: true,
    onEvent: (event) => {
      if (event.type === 'job:warning') io.print(`${event.code}: ${event.message}`)
    },
    // Time.
    connectTimeoutMs: 5000,
    etagTimeoutMs: 10_000,
    requestTimeoutMs: 60_000,
    downloadTimeoutMs: 20_000,
    stallTimeoutMs: 10_000,
    deadlineMs: 6 * 3_600_000,
    maxRetries: 3,
    retryIntervalMs: 250,
    maxRetryWaitMs: 60_000,
    // Speed and memory.
    maxWorkers: 16,
    connections: 8,
    partBytes: 16 * 2 ** 20,
    maxBufferedBytes: 64 * 2 ** 20,
    limitRate: 200e6,
    // The disk.
    policy: { kind: 'revalidate', ttlMs: 60_000 },
    symlinks: true,
    shared: 'user',
    durable: false,
    // The network.
    verifySsl: true,
    ipFamily: 'auto',
  }
}

async function listFirst(io: SampleIo, hub: HubClient, repo: string): Promise<void> {
  let count = 0
  for await (const file of hub.listFiles(repo)) {
    count += 1
    if (count <= 5) io.print(`${repo}/${file.path}`)
  }
  io.print(`${count} files in ${repo}`)
}

/** A failure has a code for programs, a message and a next step for people. */
async function expectFailure(io: SampleIo, work: () => PromiseLike<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isHubError(error)) throw error
    io.print(`${error.code}: ${error.message} ${error.hint ?? ''}`)
  }
}

function createWinston(io: SampleIo): NonNullable<HubClientOptions['logger']> {
  const stream = new Writable({
    write(chunk: unknown, _encoding, done) {
      io.print(String(chunk).trimEnd())
      done()
    },
  })
  return createLogger({ level: 'debug', transports: [new transports.Stream({ stream })] })
}
