import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Command, measure } from '../measure.ts'
import { atMost, type CaseResult, medianOf, type Sample, summarize } from '../results.ts'
import { type World } from '../world.ts'

/** (f) How long until a program can do something. */
export async function runStartUp(world: World): Promise<CaseResult> {
  const commands = await startCommands(world)
  const samples = new Map<string, Sample[]>(commands.map(({ name }) => [name, []]))
  const runs = world.options.quick ? 3 : Math.max(15, world.options.runs)
  for (let round = 0; round < runs; round++) {
    for (const { name, command } of commands) {
      const { wallMs, cpuMs, peakBytes, exitCode, output } = await measure(world.deps, command)
      const sample = {
        wallMs,
        cpuMs,
        peakBytes,
        requests: 0,
        metadataRequests: 0,
        sentBytes: 0,
        dataMs: 0,
      }
      if (exitCode === 0) samples.get(name)?.push(sample)
      else world.deps.say(`  ${name}: exit code ${exitCode}: ${output}`)
    }
  }
  const rows = commands.map(({ name }) =>
    summarize(name, samples.get(name) ?? [], 'every run failed'),
  )
  const bare = medianOf(rows, 'node -e 0', 'wallMs')
  const within = (name: string) =>
    atMost(
      `${name} ≤ bare node + 60 ms`,
      { value: medianOf(rows, name, 'wallMs') - bare, limit: 60 },
      (ms) => `+ ${Math.round(ms)} ms`,
    )
  return {
    id: 'f',
    title: 'Start-up',
    rows,
    targets: [
      within('hfx --help'),
      within('hfx --help (single file)'),
      within("import '@hfx/hub'"),
    ],
    notes: [],
  }
}

interface Start {
  readonly name: string
  readonly command: Command
}

async function startCommands({ copy, deps }: World): Promise<readonly Start[]> {
  const importHub = join(copy.folder, 'import-hub.mjs')
  await writeFile(importHub, "import '@hfx/hub'\n")
  const { resolve } = createRequire(import.meta.url)
  const peer = resolve('@huggingface/hub').replace(/dist\/.*$/, '')
  const importPeer = join(deps.folder, 'import-peer.mjs')
  await writeFile(importPeer, `import '${peer}dist/index.mjs'\n`)
  return [
    node('node -e 0', '-e', '0'),
    node("import '@hfx/hub'", importHub),
    node('hfx --help', copy.cli, '--help'),
    node('hfx --help (single file)', copy.singleFile, '--help'),
    node("import '@huggingface/hub'", importPeer),
    node('hfjs --help', `${peer}dist/cli.js`, '--help'),
  ]
}

function node(name: string, ...args: string[]): Start {
  return { name, command: { file: process.execPath, args } }
}
