import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseOutput, parseOutputs } from './support/parse-output.ts'
import { useHub } from './support/use-cli.ts'

const cli = useHub()
const whisper = 'openai/whisper-tiny'

describe('the lock file', () => {
  it('LK-1: lock, a frozen download without metadata, and verify agree; any drift ends with 7', async () => {
    const { home, run } = await cli.start()
    const locked = await run(['lock', whisper, 'acme/tiny-GGUF:Q8_0', '--weights', 'all'])
    expect(locked).toMatchObject({ code: 0, stdout: `${join(home, 'work/hf.lock')}\n` })
    const text = await readFile(join(home, 'work/hf.lock'), 'utf8')
    expect(text).not.toContain(home)
    expect(text).not.toContain('127.0.0.1')

    cli.hub.clearRequests()
    const frozen = await run(['download', '--frozen', '--json'])
    expect(frozen.code).toBe(0)
    expect(
      cli.hub.requests.filter(
        ({ path }) => path.startsWith('/api/') && !path.startsWith('/api/resolve-cache/'),
      ),
    ).toEqual([])
    const results: { repo: string; path: string; files: { path: string }[] }[] = JSON.parse(
      frozen.stdout,
    )
    expect(results.map(({ repo, files }) => [repo, files.length])).toEqual([
      ['acme/tiny-GGUF', 1],
      [whisper, 7],
    ])

    cli.hub.clearRequests()
    expect(await run(['verify', '--offline'])).toMatchObject({
      code: 0,
      stderr: '8 files are as locked\n',
    })
    expect(cli.hub.requests).toEqual([])
    expect((await run(['verify', '--json', '--endpoint', cli.hub.url])).stdout).toContain(
      '"ok": true',
    )

    const config = join(results[1]?.path ?? '', 'config.json')
    await rm(config)
    await writeFile(config, '{}\n')
    const damaged = await run(['verify', '--offline', '--cache-dir', join(home, 'hf/hub')])
    expect(damaged).toMatchObject({ code: 7, stdout: `damaged  ${whisper} config.json\n` })
    const none = await run(['verify', '--offline', '--local-dir', 'empty', '-q'])
    expect(none.stdout.trim().split('\n')).toHaveLength(8)
    expect((await run(['verify', '--local-dir', 'a', '--cache-dir', 'b'])).code).toBe(2)
  })

  it('a frozen download takes what is locked and nothing else', async () => {
    const { home, run } = await cli.start()
    const flags = [
      '--include',
      '*.json',
      '--exclude',
      'tokenizer/*',
      '--revision',
      'v1.0',
      '--type',
      'model',
    ]
    expect(
      (await run(['lock', whisper, '--lock-file', 'my.lock', ...flags, '--endpoint', cli.hub.url]))
        .code,
    ).toBe(0)
    const some = await run([
      'download',
      '--frozen',
      '--lock-file',
      'my.lock',
      whisper,
      '--local-dir',
      'out',
      '--json',
    ])
    expect(parseOutputs(some.stdout)[0]?.files.map((file) => file.path)).toEqual(['config.json'])
    expect(await readFile(join(home, 'work/out/config.json'), 'utf8')).toBe(
      '{"model_type":"whisper"}\n',
    )
    const other = await run(['download', '--frozen', '--lock-file', 'my.lock', 'acme/large'])
    expect(other).toMatchObject({ code: 7, stdout: '' })
    expect(other.stderr).toContain('acme/large is not in')
    for (const flag of [
      ['--include', '*'],
      ['--revision', 'main'],
      ['--dry-run'],
      ['--weights', 'auto'],
    ]) {
      const { code, stderr } = await run([
        'download',
        '--frozen',
        '--lock-file',
        'my.lock',
        ...flag,
      ])
      expect(code).toBe(2)
      expect(stderr).toContain(`--frozen and ${flag[0]} exclude each other`)
    }
  })

  it('a file whose bytes are not the locked ones never appears', async () => {
    const { home, run } = await cli.start()
    await run(['lock', whisper, '--include', 'config.json'])
    const path = join(home, 'work/hf.lock')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace(/"gitSha1": "[0-9a-f]{8}/, '"gitSha1": "00000000'))
    const { code, stdout } = await run(['download', '--frozen'])
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' })
    expect((await run(['verify', '-q'])).code).toBe(7)
  })

  it('a commit that the Hub no longer has is drift', async () => {
    const { home, run } = await cli.start()
    await run(['lock', whisper, '--include', 'config.json'])
    const path = join(home, 'work/hf.lock')
    await writeFile(
      path,
      (await readFile(path, 'utf8')).replace(
        /"commit": "[0-9a-f]{40}"/,
        `"commit": "${'0'.repeat(40)}"`,
      ),
    )
    const { code, stderr } = await run(['download', '--frozen', '--progress', 'none'])
    expect(code).toBe(7)
    expect(stderr).toContain('the Hub no longer has openai/whisper-tiny as it is locked')
  })

  it('outdated and update follow the branch, choose as before, and --dry-run writes nothing', async () => {
    const { home, run } = await cli.start()
    const path = join(home, 'work/hf.lock')
    await run(['lock', whisper, '--revision', 'v1.0', '--exclude', '*.bin'])
    expect(await run(['outdated'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'Nothing is outdated.\n',
    })
    const old = (await readFile(path, 'utf8')).replace('"revision": "v1.0"', '"revision": "main"')
    await writeFile(path, old)
    const outdated = await run(['outdated', '--exit-code', '--json', '--endpoint', cli.hub.url])
    expect(outdated.code).toBe(1)
    expect(JSON.parse(outdated.stdout)).toEqual([
      {
        repo: whisper,
        type: 'model',
        revision: 'main',
        locked: cli.hub.commit(whisper, 'v1.0'),
        current: cli.hub.commit(whisper),
      },
    ])
    expect((await run(['outdated'])).stdout).toMatch(
      /^REPOSITORY +REVISION +LOCKED +NOW\nopenai\/whisper-tiny +main +[0-9a-f]{12} +[0-9a-f]{12}\n$/,
    )
    const dry = await run(['update', '--dry-run', whisper])
    expect(dry.stdout).toMatch(
      /whisper-tiny: [0-9a-f]{12} → [0-9a-f]{12}\n {2}~ config\.json\n {2}\+ odd \[1\]\*\.txt\n$/,
    )
    expect(await readFile(path, 'utf8')).toBe(old)
    expect((await run(['update', '--json', '--endpoint', cli.hub.url])).code).toBe(0)
    expect(parseOutput(await readFile(path, 'utf8')).repos[0]).toMatchObject({
      commit: cli.hub.commit(whisper),
      select: { exclude: ['*.bin'] },
    })
    expect((await run(['update'])).stderr).toBe('Nothing to update.\n')
    expect((await run(['update', 'acme/none'])).code).toBe(7)
  })

  it.each([['outdated'], ['update'], ['verify'], ['download', '--frozen']])(
    '%s without a lock file ends with 2',
    async (...args) => {
      const { run } = await cli.start()
      const { code, stderr } = await run(args)
      expect(code).toBe(2)
      expect(stderr).toMatch(/there is no lock file .*\n {2}→ Write one with hfx lock/)
    },
  )
})
