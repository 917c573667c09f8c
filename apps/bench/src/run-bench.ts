import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCapped } from './cases/capped.ts'
import { runKilled } from './cases/killed.ts'
import { runEightFiles, runOneFile, runTls } from './cases/large-files.ts'
import { runMemory } from './cases/memory.ts'
import { runSmallFiles, runWarm } from './cases/small-files.ts'
import { runStartUp } from './cases/start-up.ts'
import { createContestants } from './contestants.ts'
import { describeMachine } from './describe-machine.ts'
import { installCopy } from './install-copy.ts'
import { type CaseId, parseBenchOptions, usage } from './options.ts'
import { type CaseResult } from './results.ts'
import { renderCase } from './render-case.ts'
import { makeCertificate, startNginx } from './start-nginx.ts'
import { setUpTools } from './tools.ts'
import { type World } from './world.ts'
import { writeReport } from './write-report.ts'

const runners: Readonly<Record<CaseId, (world: World) => Promise<CaseResult | undefined>>> = {
  a: runOneFile,
  b: runEightFiles,
  c: runCapped,
  d: runSmallFiles,
  e: runWarm,
  f: runStartUp,
  g: runKilled,
  h: runTls,
  memory: runMemory,
}

/** The whole bench. The exit code is 2 for arguments that cannot be meant, 1 when nothing could be measured. */
export async function runBench(
  args: readonly string[],
  say: (line: string) => void,
): Promise<number> {
  const options = readOptions(args, say)
  if (typeof options === 'number') return options
  const tools = await setUpTools(say)
  const folder = join(tmpdir(), 'hfx-bench')
  await mkdir(folder, { recursive: true })
  const blobFolder = join(folder, 'blobs')
  await mkdir(blobFolder, { recursive: true })
  const copy = await installCopy(join(folder, 'installed'))
  const certificate = tools.openssl
    ? await makeCertificate(tools.openssl, join(folder, 'tls'))
    : undefined
  const cdn = tools.nginx
    ? await startNginx({
        nginx: tools.nginx,
        folder: join(folder, 'nginx'),
        blobs: blobFolder,
        certificate,
      })
    : undefined
  try {
    const world: World = {
      options,
      copy,
      certificate,
      blobFolder,
      contestants: createContestants({ tools, copy }),
      deps: { gnuTime: tools.time, folder, cdn, say },
    }
    const results = await runCases(world)
    if (!options.quick) await writeReport(results, await describeMachine(tools))
    return results.length > 0 ? 0 : 1
  } finally {
    await cdn?.stop()
    for (const left of ['installed', 'out', 'out-hfx', 'out-huggingface', 'scratch'])
      await rm(join(folder, left), { recursive: true, force: true })
  }
}

function readOptions(args: readonly string[], say: (line: string) => void) {
  try {
    const options = parseBenchOptions(args)
    if (options !== 'help') return options
    say(usage)
    return 0
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error
    say(`${error.message}\n\n${usage}`)
    return 2
  }
}

async function runCases(world: World): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = []
  for (const id of world.options.cases) {
    world.deps.say(`case ${id}`)
    const result = await runners[id](world)
    if (!result) continue
    results.push(result)
    world.deps.say(renderCase(result))
  }
  return results
}
