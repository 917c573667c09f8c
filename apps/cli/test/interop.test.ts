import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FakeHub, startFakeHub } from '@hfx/fake-hub'
import { describeWithPython, useTempDir } from '@hfx/testing'
import { expect, it, onTestFinished } from 'vitest'
import { parseOutput } from './support/parse-output.ts'
import { testRepos } from './support/repos.ts'
import { baseEnv, type CliResult, runCli, type RunOptions } from './support/use-cli.ts'

interface Stage {
  readonly hub: FakeHub
  readonly root: string
  readonly online: { readonly HF_ENDPOINT: string; readonly HF_HOME: string }
  hfx(args: readonly string[], options?: RunOptions): Promise<CliResult>
}

async function useStage(): Promise<Stage> {
  const hub = await startFakeHub({ repos: testRepos(), cdnHost: 'localhost' })
  onTestFinished(() => hub.close())
  const home = await useTempDir()
  const cwd = join(home, 'work')
  await mkdir(cwd)
  const online = { HF_ENDPOINT: hub.url, HF_HOME: join(home, 'hf') }
  const env = baseEnv(home, online)
  return {
    hub,
    root: join(home, 'hf/hub'),
    online,
    hfx: (args, options = {}) => runCli(args, { cwd, env, ...options }),
  }
}

const blobs = 'models--acme--large/blobs'

describeWithPython('hfx and hf on one cache', (python) => {
  it('case 15: a download that is killed leaves nothing that disturbs Python, and Python’s file is ours', async () => {
    const stage = await useStage()
    const rate = { kind: 'rate', bytesPerSecond: 4e6 } as const
    const slow = stage.hub.addFault({ on: { host: 'cdn' }, fault: rate })
    const killed = await stage.hfx(['download', 'acme/large', '--progress', 'json'], {
      onStderr: (text, kill) => {
        if (/"doneBytes":[1-9]/.test(text)) kill('SIGKILL')
      },
    })
    expect(killed.code).toBeNull()
    slow.remove()
    const left = await readdir(join(stage.root, blobs))
    expect(left.some((name) => name.endsWith('.incomplete'))).toBe(true)
    expect(await python.ask({ do: 'scan', cache_dir: stage.root })).toMatchObject({
      warnings: [],
      incomplete: left
        .filter((name) => name.endsWith('.incomplete'))
        .map((name) => join(stage.root, blobs, name))
        .toSorted(),
    })
    const args = { repo_id: 'acme/large', cache_dir: stage.root, filename: 'big.bin' }
    const answer = await python.answer({ do: 'file', args }, stage.online)
    expect(answer.said).toEqual([])
    stage.hub.clearRequests()
    const again = await stage.hfx(['download', 'acme/large', '--json'])
    expect(parseOutput(again.stdout)).toMatchObject({ fetchedBytes: 0 })
    expect(stage.hub.requests.filter(({ host }) => host === 'cdn')).toEqual([])
    const pruned = await python.hf(['cache', 'prune', '--yes'], stage.online)
    expect(pruned.code).toBe(0)
    expect(await readdir(join(stage.root, blobs))).toHaveLength(1)
    expect((await stage.hfx(['cache', 'verify', 'acme/large'])).code).toBe(0)
  })

  it('hf lists, verifies and removes what hfx brought, and the other way round', async () => {
    const stage = await useStage()
    await stage.hfx(['download', 'openai/whisper-tiny'])
    const data = ['download', 'acme/data', '--repo-type', 'dataset']
    expect((await python.hf(data, stage.online)).code).toBe(0)

    const theirs = await python.hf(['cache', 'ls'], stage.online)
    const ours = await stage.hfx(['cache', 'ls'])
    for (const id of ['openai/whisper-tiny', 'acme/data']) {
      expect(theirs.stdout).toContain(id)
      expect(ours.stdout).toContain(id)
    }
    const check = ['cache', 'verify', 'openai/whisper-tiny']
    expect(await python.hf(check, stage.online)).toMatchObject({ code: 0 })
    expect((await stage.hfx(['cache', 'verify', 'datasets/acme/data'])).code).toBe(0)

    const gone = await python.hf(['cache', 'rm', 'model/openai/whisper-tiny', '-y'], stage.online)
    expect(gone.code).toBe(0)
    expect((await stage.hfx(['cache', 'rm', 'datasets/acme/data', '--yes'])).code).toBe(0)
    expect(parseOutput((await stage.hfx(['cache', 'ls', '--json'])).stdout)).toEqual([])
    expect(await python.ask({ do: 'scan', cache_dir: stage.root })).toMatchObject({ repos: [] })
    expect(await readFile(join(stage.root, 'CACHEDIR.TAG'), 'utf8')).toContain('Signature: ')
  })
})
