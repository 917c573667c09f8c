import { lstat, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseOutput } from './support/parse-output.ts'
import { useHub } from './support/use-cli.ts'

const cli = useHub()

async function filled() {
  const started = await cli.start()
  const input = 'openai/whisper-tiny\nhf://openai/whisper-tiny@v1.0\ndatasets/acme/data\n'
  const { code } = await started.run(['download', '--from', '-', '-q'], { input })
  expect(code).toBe(0)
  return started
}

describe('hfx cache', () => {
  it('ls lists repositories, filtered, sorted and limited, in each shape', async () => {
    const { home, run } = await filled()
    const human = await run(['cache', 'ls'])
    expect(human.stdout.split('\n')[0]).toMatch(/^ID +SIZE {2}USED +CHANGED +REFS$/)
    expect(human.stdout).toMatch(
      /^model\/openai\/whisper-tiny +600 kB {2}just now +just now +main, v1\.0$/m,
    )
    expect(human.stderr).toBe('2 repositories, 605 kB\n')
    const json = JSON.parse(
      (await run(['cache', 'ls', '--json', '--sort', 'size', '--limit', '1'])).stdout,
    )
    expect(json).toEqual([
      expect.objectContaining({
        id: 'model/openai/whisper-tiny',
        repoId: 'openai/whisper-tiny',
        repoType: 'model',
        sizeBytes: 600_084,
        refs: ['main', 'v1.0'],
        lastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      }),
    ])
    const args = [
      'cache',
      'list',
      '-q',
      '--revisions',
      '--filter',
      'type=model',
      '-f',
      'refs=v1.0',
      '-f',
      'modified<1d',
      '-f',
      'accessed<1d',
      '-f',
      'size>1kB',
    ]
    expect((await run(args)).stdout).toBe(`${cli.hub.commit('openai/whisper-tiny', 'v1.0')}\n`)
    const named = await run([
      'cache',
      'ls',
      '-q',
      '--sort',
      'name:desc',
      '--cache-dir',
      join(home, 'hf/hub'),
    ])
    expect(named.stdout).toBe('model/openai/whisper-tiny\ndataset/acme/data\n')
  })

  it('ls takes a cache that is not there for an empty one, and counts warnings', async () => {
    const { home, run } = await cli.start()
    expect(await run(['cache', 'ls', '--json'])).toMatchObject({ code: 0, stdout: '[]\n' })
    await run(['download', 'acme/tiny-GGUF', 'README.md', '-q'])
    await writeFile(join(home, 'hf/hub/stray.txt'), '')
    expect((await run(['cache', 'ls'])).stderr).toContain('1 warning; --show-warnings prints them')
    expect((await run(['cache', 'ls', '--show-warnings'])).stderr).toContain('stray.txt')
  })

  it.each([
    [['--filter', 'colour=red'], 'is not a filter'],
    [['--filter', 'size==3'], 'is not a filter'],
    [['--sort', 'weight'], 'is not an order'],
    [['--limit', '-1'], 'It must be a whole number'],
  ])('ls refuses %j with 2', async (args, message) => {
    const { run } = await cli.start()
    const { code, stderr } = await run(['cache', 'ls', ...args])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  it('rm shows, asks and removes; without a terminal it wants --yes', async () => {
    const { run } = await filled()
    const dry = await run(['cache', 'rm', 'openai/whisper-tiny@v1.0', '--dry-run'])
    expect(dry.stdout).toContain('model/openai/whisper-tiny: 25 B')
    const asked = await run(['cache', 'rm', 'openai/whisper-tiny'], { input: 'y\n' })
    expect(asked).toMatchObject({ code: 2, stdout: '' })
    expect(asked.stderr).toContain('Add --yes')
    const json = JSON.parse(
      (await run(['cache', 'rm', 'model/openai/whisper-tiny', 'acme/none', '--yes', '--json']))
        .stdout,
    )
    expect(json).toMatchObject({ dryRun: false, removedRepos: 1, inUse: [] })
    expect((await run(['cache', 'ls', '-q'])).stdout).toBe('dataset/acme/data\n')
    const none = await run(['cache', 'rm', 'openai/whisper-tiny', '-y'])
    expect(none).toMatchObject({ code: 4, stdout: '' })
    const byCommit = await run([
      'cache',
      'remove',
      cli.hub.commit('acme/data', 'main', 'dataset'),
      '-y',
      '-q',
    ])
    expect(byCommit.code).toBe(0)
    expect((await run(['cache', 'ls', '-q'])).stdout).toBe('')
  })

  it('prune removes what no ref names; gc what is too much or too old', async () => {
    const { home, run } = await filled()
    await rm(join(home, 'hf/hub/models--openai--whisper-tiny/refs/v1.0'))
    const plan = parseOutput((await run(['cache', 'prune', '--dry-run', '--json'])).stdout)
    expect(plan.repos).toMatchObject([{ id: 'model/openai/whisper-tiny', whole: false }])
    expect((await run(['cache', 'prune', '--yes', '--loose-older-than', '0s'])).stdout).toBe(
      'Removed 1 revision, 1 file: 25 B.\n',
    )
    const kept = await run([
      'cache',
      'gc',
      '--max-size',
      '0',
      '--pin',
      'openai/whisper-tiny',
      '--yes',
      '--json',
    ])
    expect(JSON.parse(kept.stdout)).toMatchObject({ removedRepos: 1 })
    expect((await run(['cache', 'gc', '--older-than', '30d', '--dry-run', '-q'])).stdout).toBe('')
    expect((await run(['cache', 'gc', '--max-size', '0', '--keep-refs', '--dry-run'])).stdout).toBe(
      'Nothing to remove.\n',
    )
    expect((await run(['cache', 'gc'])).stderr).toContain('cache gc needs a limit')
    expect((await run(['cache', 'gc', '--older-than', 'soon'])).code).toBe(2)
    expect((await run(['cache', 'ls', '-q'])).stdout).toBe('model/openai/whisper-tiny\n')
  })

  it('verify finds a damaged, a missing and an extra file, without the network', async () => {
    const { home, run } = await filled()
    cli.hub.clearRequests()
    expect((await run(['cache', 'verify', 'openai/whisper-tiny'])).stdout).toMatch(
      /^7 files verified in /,
    )
    const folder = join(
      home,
      'hf/hub/models--openai--whisper-tiny/snapshots',
      cli.hub.commit('openai/whisper-tiny'),
    )
    const blob = join(folder, await readlink(join(folder, 'config.json')))
    await rm(blob)
    await writeFile(blob, '{"model_type":"whisper","v":3}\n')
    await rm(join(folder, 'README.md'))
    await writeFile(join(folder, 'extra.txt'), 'extra')
    const damaged = await run(['cache', 'verify', 'openai/whisper-tiny', '--json'])
    expect(damaged.code).toBe(7)
    expect(JSON.parse(damaged.stdout)).toMatchObject({
      ok: false,
      mismatches: [{ path: 'config.json' }],
      missing: ['README.md'],
      extra: ['extra.txt'],
    })
    const all = await run([
      'cache',
      'verify',
      'openai/whisper-tiny',
      '--fail-on-missing-files',
      '--fail-on-extra-files',
    ])
    expect(all.stdout).toMatch(
      /damaged {2}config\.json.*\nmissing {2}README\.md\nextra {4}extra\.txt\n/,
    )
    expect(
      (await run(['cache', 'verify', 'openai/whisper-tiny', '--revision', 'v1.0', '-q'])).code,
    ).toBe(0)
    expect(
      (
        await run([
          'cache',
          'verify',
          'acme/data',
          '--repo-type',
          'dataset',
          '--cache-dir',
          join(home, 'hf/hub'),
        ])
      ).code,
    ).toBe(0)
    expect((await run(['cache', 'verify', 'acme/none'])).code).toBe(4)
    expect(
      (await run(['cache', 'verify', 'acme/none', '--local-dir', 'a', '--cache-dir', 'b'])).code,
    ).toBe(2)
    expect(cli.hub.requests).toEqual([])
  })

  it('IN-5: verify --repair fetches what is damaged, and what is missing only when that is a failure', async () => {
    const { home, run } = await filled()
    const commit = cli.hub.commit('openai/whisper-tiny')
    const folder = join(home, 'hf/hub/models--openai--whisper-tiny/snapshots', commit)
    const before = await readFile(join(folder, 'config.json'), 'utf8')
    const blob = join(folder, await readlink(join(folder, 'config.json')))
    await rm(blob)
    await writeFile(blob, `${before.slice(0, -2)}]\n`)
    await rm(join(folder, 'README.md'))
    cli.hub.clearRequests()
    const repair = ['cache', 'verify', 'openai/whisper-tiny', '--repair']
    const damaged = await run(repair)
    expect(damaged).toMatchObject({ code: 0, stdout: 'repaired config.json\n' })
    expect(damaged.stderr).toContain('1 file not here')
    expect(await readFile(join(folder, 'config.json'), 'utf8')).toBe(before)
    const asked = new Set(cli.hub.requests.map(({ file }) => file))
    expect(asked).toEqual(new Set(['config.json']))
    const missing = await run([...repair, '--fail-on-missing-files', '--json'])
    expect(JSON.parse(missing.stdout)).toMatchObject({ ok: true, repaired: ['README.md'] })
    cli.hub.clearRequests()
    expect((await run(repair)).stdout).toMatch(/^7 files verified in /)
    expect(cli.hub.requests).toEqual([])
  })

  it('IN-5: verify --repair mends a local folder', async () => {
    const { home, run } = await cli.start()
    await run(['download', 'acme/data', '--type', 'dataset', '--local-dir', 'd', '-q'])
    const before = await readFile(join(home, 'work/d/README.md'), 'utf8')
    await writeFile(join(home, 'work/d/README.md'), '# Date\n')
    const repair = ['cache', 'verify', 'datasets/acme/data', '--local-dir', 'd', '--repair']
    expect(await run(repair)).toMatchObject({ code: 0, stdout: 'repaired README.md\n' })
    expect(await readFile(join(home, 'work/d/README.md'), 'utf8')).toBe(before)
  })

  it('verify checks a local folder', async () => {
    const { home, run } = await cli.start()
    await run(['download', 'acme/data', '--type', 'dataset', '--local-dir', 'd', '-q'])
    const ok = await run(['cache', 'verify', 'datasets/acme/data', '--local-dir', 'd'])
    expect(ok.code).toBe(0)
    await writeFile(join(home, 'work/d/README.md'), '# Date\n')
    expect((await run(['cache', 'verify', 'datasets/acme/data', '--local-dir', 'd'])).code).toBe(7)
  })

  it('path names the cache, a repository and a snapshot', async () => {
    const { home, run } = await filled()
    const hub = join(home, 'hf/hub')
    expect((await run(['cache', 'path'])).stdout).toBe(`${hub}\n`)
    expect((await run(['cache', 'path', 'datasets/acme/data'])).stdout).toBe(
      `${hub}/datasets--acme--data\n`,
    )
    const snapshot = await run([
      'cache',
      'path',
      'openai/whisper-tiny',
      '--revision',
      'v1.0',
      '--json',
    ])
    expect(parseOutput(snapshot.stdout).path).toContain(
      cli.hub.commit('openai/whisper-tiny', 'v1.0'),
    )
    expect(
      (await run(['cache', 'path', 'openai/whisper-tiny', '--revision', 'v9', '--type', 'model']))
        .code,
    ).toBe(4)
    expect((await run(['cache', 'path', '--cache-dir', '/elsewhere'])).stdout).toBe('/elsewhere\n')
  })

  it('adopt names a folder that is not there, and says when nothing is missing', async () => {
    const { run } = await filled()
    const nowhere = await run(['cache', 'adopt', 'openai/whisper-tiny', '--scan', 'nowhere'])
    expect(nowhere).toMatchObject({ code: 2 })
    expect(nowhere.stderr).toContain('there is no such folder')
    const complete = await run(['cache', 'adopt', 'openai/whisper-tiny'])
    expect(complete).toMatchObject({ code: 0, stdout: '' })
    expect(complete.stderr).toBe('every file is in the cache already\n')
  })

  it('adopt makes plain files where links are switched off', async () => {
    const { home, run } = await cli.start()
    const download = ['download', 'openai/whisper-tiny', 'model.safetensors', '-q']
    await run([...download, '--local-dir', 'mine'])
    const adopt = ['cache', 'adopt', 'openai/whisper-tiny', '--scan', 'mine']
    const taken = await run(adopt, { env: { HF_HUB_DISABLE_SYMLINKS: '1' } })
    expect(taken.code).toBe(0)
    const commit = cli.hub.commit('openai/whisper-tiny')
    const folder = join(home, 'hf/hub/models--openai--whisper-tiny/snapshots', commit)
    expect((await lstat(join(folder, 'model.safetensors'))).isFile()).toBe(true)
  })

  it('prune says what is too young to go, and ls counts each broken link once', async () => {
    const { home, run } = await filled()
    const folder = join(home, 'hf/hub/models--openai--whisper-tiny')
    await writeFile(join(folder, 'blobs/0123456789.01234567.incomplete'), 'abc')
    const prune = await run(['cache', 'prune', '--dry-run'])
    expect(prune.stdout).toBe('Nothing to remove.\n')
    expect(prune.stderr).toContain('3 B of broken-off downloads and orphans are younger than 1d')
    const commit = cli.hub.commit('openai/whisper-tiny')
    for (const name of ['config.json', 'README.md'])
      await rm(
        join(folder, 'snapshots', commit, await readlink(join(folder, 'snapshots', commit, name))),
      )
    const { stderr } = await run(['cache', 'ls', '--show-warnings'])
    const broken = stderr.match(/^warning: .*snapshots.*$/gm) ?? []
    const paths = broken.map((line) => line.slice(line.indexOf('/')))
    // Both commits show the same README.md.
    expect(paths).toHaveLength(3)
    expect(new Set(paths).size).toBe(3)
  })

  it('adopt takes files that a folder already has, by their hash', async () => {
    const { home, run } = await cli.start()
    const { stdout } = await run([
      'download',
      'openai/whisper-tiny',
      'model.safetensors',
      '--local-dir',
      'mine',
      '-q',
    ])
    expect(await readFile(stdout.trim())).toHaveLength(300_000)
    const flags = [
      '--scan',
      'mine',
      '--cache-dir',
      join(home, 'c'),
      '--endpoint',
      cli.hub.url,
      '--revision',
      'main',
    ]
    const dry = await run(['cache', 'adopt', 'openai/whisper-tiny', '--dry-run', ...flags])
    expect(dry.stdout).toBe(`model.safetensors ← ${stdout.trim()}\n`)
    await expect(readdir(join(home, 'c/models--openai--whisper-tiny/blobs'))).rejects.toThrow(
      'ENOENT',
    )
    const taken = await run([
      'cache',
      'adopt',
      'openai/whisper-tiny',
      '--type',
      'model',
      '--json',
      ...flags,
    ])
    expect(JSON.parse(taken.stdout)).toMatchObject([
      { path: 'model.safetensors', place: 'folder', dryRun: false },
    ])
    const offline = ['--cache-dir', join(home, 'c'), '--local-files-only']
    const partial = await run(['download', 'openai/whisper-tiny', ...offline])
    expect(partial.code).not.toBe(0)
    expect(partial.stderr).toContain('lacks 6 files')
    const prune = ['cache', 'prune', '--dry-run', '--loose-older-than', '0s', '--cache-dir']
    expect((await run([...prune, join(home, 'c')])).stdout).toBe('Nothing to remove.\n')
    cli.hub.clearRequests()
    await run([
      'download',
      'openai/whisper-tiny',
      'model.safetensors',
      '--cache-dir',
      join(home, 'c'),
      '-q',
    ])
    expect(cli.hub.requests.filter(({ host }) => host === 'cdn')).toEqual([])
  })
})
