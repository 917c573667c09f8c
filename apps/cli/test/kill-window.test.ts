import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { parseOutput } from './support/parse-output.ts'
import { useHub } from './support/use-cli.ts'

const cli = useHub()

/** Ends the process, as a power cut would, when a partial is about to get its final name. */
const dieAtRename = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const guard = (rename) => (from, to) => {
  if (String(from).endsWith('.incomplete') && !String(to).endsWith('.incomplete'))
    process.kill(process.pid, 'SIGKILL')
  return rename(from, to)
}
fs.renameSync = guard(fs.renameSync)
fs.promises.rename = guard(fs.promises.rename)
syncBuiltinESMExports()
`

it.each([
  { place: 'the cache', args: [], folder: 'hf/hub/models--acme--large/blobs' },
  {
    place: 'a folder',
    args: ['--local-dir', 'here'],
    folder: 'work/here/.cache/huggingface/download',
  },
])(
  'RE-1: a kill right before a whole file gets its name in $place costs no byte and leaves no partial',
  async ({ args, folder }) => {
    const { home, run } = await cli.start()
    const preload = join(home, 'die-at-rename.mjs')
    await writeFile(preload, dieAtRename)
    const line = ['download', 'acme/large', ...args, '--json']
    const killed = await run(line, {
      env: { NODE_OPTIONS: `--import=${pathToFileURL(preload).href}` },
    })
    expect(killed).toMatchObject({ code: null, stdout: '' })
    const partials = async (): Promise<readonly string[]> =>
      (await readdir(join(home, folder))).filter((name) => name.endsWith('.incomplete'))
    expect(await partials()).toHaveLength(2)

    cli.hub.clearRequests()
    const again = await run(line)
    expect(again).toMatchObject({ code: 0 })
    expect(parseOutput(again.stdout).fetchedBytes).toBe(0)
    expect(cli.hub.requests.filter(({ host }) => host === 'cdn')).toEqual([])
    expect(await partials()).toEqual([])
    expect(await run(['cache', 'verify', ...args, 'acme/large'])).toMatchObject({ code: 0 })
  },
)
