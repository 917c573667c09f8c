import { mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { weightBytes } from './support/repos.ts'
import { parseOutput, parseOutputs } from './support/parse-output.ts'
import { useHub } from './support/use-cli.ts'

const cli = useHub()
const repo = 'openai/whisper-tiny'

describe('hfx download', () => {
  it('PR-3: prints the folder as the one line of stdout and everything else on stderr', async () => {
    const { home, run } = await cli.start()
    const first = await run(['download', repo])
    const folder = join(home, 'hf/hub/models--openai--whisper-tiny/snapshots', cli.hub.commit(repo))
    expect(first).toMatchObject({ code: 0, stdout: `${folder}\n` })
    expect(first.stderr).toContain('downloaded')
    expect(await readdir(folder, { recursive: true })).toEqual(
      expect.arrayContaining([
        'config.json',
        'model.safetensors',
        'odd [1]*.txt',
        'tokenizer/vocab.json',
      ]),
    )
    expect(await readlink(join(folder, 'model.safetensors'))).toMatch(
      /^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/,
    )

    cli.hub.clearRequests()
    const warm = await run(['download', repo, '-q'])
    expect(warm).toMatchObject({ code: 0, stdout: `${folder}\n`, stderr: '' })
    expect(cli.hub.requests.map(({ method }) => method)).toEqual(['GET'])

    cli.hub.clearRequests()
    const pinned = await run(['download', repo, '--revision', cli.hub.commit(repo), '-q'])
    expect(pinned.stdout).toBe(`${folder}\n`)
    expect(cli.hub.requests).toEqual([])
  })

  it('takes one file without listing the repository', async () => {
    const { run } = await cli.start()
    const { stdout, code } = await run(['download', repo, 'config.json', '--json'])
    expect(code).toBe(0)
    const result = parseOutput(stdout)
    expect(result).toMatchObject({
      repo,
      type: 'model',
      revision: 'main',
      commit: cli.hub.commit(repo),
      stale: false,
      files: [{ path: 'config.json', source: 'hub' }],
    })
    expect(result.path.endsWith('/config.json')).toBe(true)
    expect(cli.hub.requests.some(({ path }) => path.includes('/tree/'))).toBe(false)
  })

  it('takes named files and folders, odd names literally', async () => {
    const { run } = await cli.start()
    const { stdout, code } = await run(['download', repo, 'tokenizer/', 'odd [1]*.txt', '--json'])
    expect(code).toBe(0)
    expect(paths(stdout)).toEqual(['odd [1]*.txt', 'tokenizer/merges.txt', 'tokenizer/vocab.json'])
  })

  it('--include, --exclude, --revision and --local-dir choose what and where', async () => {
    const { home, run } = await cli.start()
    const args = ['--include', '*.json', '--include', '*.md', '--exclude', 'tokenizer/*']
    const { stdout, code } = await run([
      'download',
      repo,
      ...args,
      '--revision',
      'v1.0',
      '--local-dir',
      'out',
    ])
    expect({ stdout, code }).toEqual({ stdout: `${join(home, 'work/out')}\n`, code: 0 })
    expect((await readdir(join(home, 'work/out'))).toSorted()).toEqual([
      '.cache',
      'README.md',
      'config.json',
    ])
    expect(await readFile(join(home, 'work/out/config.json'), 'utf8')).toBe(
      '{"model_type":"whisper"}\n',
    )
  })

  it('--cache-dir and --repo-type name another place and kind', async () => {
    const { home, run } = await cli.start()
    const { stdout } = await run([
      'download',
      'acme/data',
      '--repo-type',
      'dataset',
      '--cache-dir',
      '../c',
    ])
    expect(stdout.startsWith(join(home, 'c/datasets--acme--data/snapshots'))).toBe(true)
    const prefixed = await run(['download', 'datasets/acme/data', '--cache-dir', '../c', '-q'])
    expect(prefixed.stdout).toBe(stdout)
    const alias = await run([
      'download',
      'acme/data',
      '--type',
      'dataset',
      '--cache-dir',
      '../c',
      '-q',
    ])
    expect(alias.stdout).toBe(stdout)
  })

  it('SL-3: --dry-run and --plan show what would be done and write nothing', async () => {
    const { home, run } = await cli.start()
    const human = await run(['download', repo, '--dry-run'])
    expect(human.code).toBe(0)
    expect(human.stdout).toContain('300 kB  fetch  model.safetensors')
    expect(human.stdout).toMatch(/to fetch {3}600 kB in 7 files, \d+ requests/)
    const { stdout } = await run(['download', repo, '--plan', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ repo, commit: cli.hub.commit(repo), cachedBytes: 0 })
    const quiet = await run(['download', repo, '--plan', '-q'])
    expect(quiet.stdout.split('\n')).toContain('model.safetensors')
    await expect(readdir(join(home, 'hf'))).rejects.toThrow('ENOENT')
  })

  it('SL-1: --weights auto leaves second copies out and says why', async () => {
    const { run } = await cli.start()
    const { stdout, stderr } = await run(['download', repo, '--weights', 'auto', '--json'])
    expect(paths(stdout)).not.toContain('pytorch_model.bin')
    expect(parseOutput(stdout).skipped).toEqual([
      { path: 'pytorch_model.bin', reason: 'the same weights as safetensors, in PyTorch' },
    ])
    expect(stderr).toContain('skipped pytorch_model.bin: the same weights as safetensors')
    const all = await run(['download', repo, '--weights', 'all', '--plan', '-q'])
    expect(all.stdout).toContain('pytorch_model.bin')
  })

  it('SL-2: org/name:QUANT takes all shards, --mmproj the projector; ambiguous ends with 2 and the choices', async () => {
    const { run } = await cli.start()
    const one = await run(['download', 'acme/tiny-GGUF:q4_k_m', '--json'])
    expect(paths(one.stdout)).toEqual([
      'tiny-Q4_K_M-00001-of-00002.gguf',
      'tiny-Q4_K_M-00002-of-00002.gguf',
    ])
    const seeing = await run(['download', 'acme/tiny-GGUF:Q8_0', '--mmproj', '--json'])
    expect(paths(seeing.stdout)).toEqual(['mmproj-tiny-f16.gguf', 'tiny-Q8_0.gguf'])
    const ambiguous = await run(['download', 'acme/tiny-GGUF:Q4'])
    expect(ambiguous).toMatchObject({ code: 2, stdout: '' })
    expect(ambiguous.stderr).toMatch(
      /hfx: "Q4" could mean 2 GGUF models \[HUB_INVALID_OPTION\]\n {2}→ .*Q4_K_S, Q4_K_M|Q4_K_M, Q4_K_S/,
    )
    const none = await run(['download', 'acme/tiny-GGUF:Q2_K'])
    expect(none).toMatchObject({ code: 4, stdout: '' })
    const alone = await run(['download', 'acme/tiny-GGUF', '--mmproj'])
    expect(alone).toMatchObject({ code: 2, stdout: '' })
  })

  it('takes several addresses, and a list from a file or standard input', async () => {
    const { home, run } = await cli.start()
    const { stdout, code } = await run([
      'download',
      'hf://acme/tiny-GGUF/README.md',
      `${cli.hub.url}/datasets/acme/data`,
    ])
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(2)
    await writeFile(
      join(home, 'work/list.txt'),
      '# models\nacme/tiny-GGUF:Q8_0  # small\n\ndatasets/acme/data\n',
    )
    const listed = await run(['download', '--from', 'list.txt', '--json'])
    expect(parseOutputs(listed.stdout).map((one) => one.repo)).toEqual([
      'acme/tiny-GGUF',
      'acme/data',
    ])
    const piped = await run(['download', '--from', '-', '--format', 'ndjson'], {
      input: 'datasets/acme/data\n',
    })
    expect(
      piped.stdout
        .trim()
        .split('\n')
        .map((line) => parseOutput(line).repo),
    ).toEqual(['acme/data'])
    const half = await run(['download', '--from', '-'], {
      input: 'acme/nothing\ndatasets/acme/data\n',
    })
    expect(half.code).toBe(4)
    expect(half.stdout).toContain('datasets--acme--data')
    expect(half.stderr).toContain('hfx: model acme/nothing was not found')
  })

  it('--force-download fetches every byte again', async () => {
    const { run } = await cli.start()
    await run(['download', repo, '-q'])
    const again = await run(['download', repo, '--force-download', '--json'])
    expect(parseOutput(again.stdout).fetchedBytes).toBeGreaterThan(2 * weightBytes)
  })

  it('--local-files-only and --policy say what the local copy may answer', async () => {
    const { run } = await cli.start()
    const miss = await run(['download', repo, '--local-files-only'])
    expect(miss).toMatchObject({ code: 9, stdout: '' })
    expect(cli.hub.requests).toEqual([])
    await run(['download', repo, '-q'])
    cli.hub.clearRequests()
    const hit = await run(['download', repo, '--local-files-only', '-q'])
    const first = await run(['download', repo, '--policy', 'cache-first', '-q'])
    const lazy = await run(['download', repo, '--policy', 'revalidate=1h', '-q'])
    expect([hit.code, first.code, lazy.code]).toEqual([0, 0, 0])
    expect(cli.hub.requests).toEqual([])
  })

  it('--verify hashes what is here already and ends with 7 when a byte is wrong', async () => {
    const { home, run } = await cli.start()
    const { stdout } = await run(['download', repo, '-q'])
    expect((await run(['download', repo, '--verify'])).stderr).toContain('verified 7 files')
    const blob = join(stdout.trim(), await readlink(join(stdout.trim(), 'model.safetensors')))
    const bytes = await readFile(blob)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    await rm(blob)
    await writeFile(blob, bytes)
    const damaged = await run(['download', repo, '--verify'])
    expect(damaged.code).toBe(7)
    expect(damaged.stderr).toContain(
      '1 file of openai/whisper-tiny are not what the Hub has: model.safetensors',
    )
    expect(home).not.toBe('')
  })

  it('--connections, --limit-rate, --max-memory, --max-workers and --force-space reach the client', async () => {
    const { run } = await cli.start()
    const flags = [
      '--connections',
      '1',
      '--max-memory',
      '8MiB',
      '--max-workers',
      '1',
      '--force-space',
    ]
    const { code } = await run(['download', repo, ...flags, '-q'])
    expect(code).toBe(0)
    expect(cli.hub.maxConcurrent({ host: 'cdn' })).toBe(1)
    // 600 kB at 400 kB/s: the second half has to wait.
    const slow = await run([
      'download',
      repo,
      '--force-download',
      '--limit-rate',
      '400kB',
      '--json',
    ])
    expect(parseOutput(slow.stdout).durationMs).toBeGreaterThan(400)
  })

  it('PR-1: --progress json writes events to stderr, none nothing, log lines', async () => {
    const { run } = await cli.start()
    const json = await run(['download', repo, '--progress', 'json'])
    const events = json.stderr
      .trim()
      .split('\n')
      .map((line) => parseOutput(line).type)
    expect(events.filter((type) => type === 'job:start')).toHaveLength(1)
    expect(events[0]).toBe('job:start')
    expect(events).toContain('job:plan')
    expect(events.at(-1)).toBe('job:end')
    expect((await run(['download', repo, '--progress', 'none'])).stderr).toBe('')
    expect((await run(['download', repo, '--progress', 'log'])).stderr).toContain('cached')
  })

  it('--endpoint goes before HF_ENDPOINT', async () => {
    const { run } = await cli.start()
    const { code } = await run(['download', repo, 'config.json', '--endpoint', cli.hub.url], {
      env: { HF_ENDPOINT: 'http://127.0.0.1:9' },
    })
    expect(code).toBe(0)
  })

  it.each([
    [['--local-dir', 'a', '--cache-dir', 'b'], '--local-dir and --cache-dir exclude each other'],
    [['config.json', '--include', '*'], 'files and --include or --exclude exclude each other'],
    [['--from', 'x'], '--from and a repository exclude each other'],
    [
      ['--local-files-only', '--policy', 'network'],
      '--local-files-only and --policy exclude each other',
    ],
    [['--json', '-q'], '--format, --json and --quiet exclude each other'],
    [['--format', 'yaml'], '"yaml" is not an output format'],
    [['--lock-file', 'x'], '--lock-file only counts together with --frozen'],
    [['--limit-rate', 'fast'], "argument 'fast' is invalid"],
    [['--connections', '0'], 'It must be a whole number above zero'],
    [['--progress', 'loud'], 'Allowed choices are auto, bars, log, json, none'],
    [['--policy', 'maybe'], 'cache-only, cache-first'],
    [['--token', 'hf_x'], 'HF_TOKEN'],
  ])('refuses %j with 2 and one line', async (args, message) => {
    const { run } = await cli.start()
    const { code, stdout, stderr } = await run(['download', repo, ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^hfx: /)
    expect(stderr).not.toMatch(/\n {4}at /)
  })

  it('makes no folder for a list that cannot be read', async () => {
    const { home, run } = await cli.start()
    await mkdir(join(home, 'work/dir'))
    expect((await run(['download', '--from', 'nowhere.txt'])).code).toBe(2)
    expect((await run(['download'])).code).toBe(2)
  })
})

function paths(stdout: string): readonly string[] {
  const result: { files: { path: string }[] } = JSON.parse(stdout)
  return result.files.map(({ path }) => path).toSorted()
}
