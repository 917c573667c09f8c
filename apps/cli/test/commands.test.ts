import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseOutput } from './support/parse-output.ts'
import { baseEnv, cliPath, useHub } from './support/use-cli.ts'

const cli = useHub()
const repo = 'openai/whisper-tiny'

describe('hfx ls', () => {
  it('lists sizes and paths, a folder, a tree, and documents', async () => {
    const { run } = await cli.start()
    const human = await run(['ls', repo])
    expect(human.stdout).toMatch(/^ {2}SIZE {2}FILE\n/)
    expect(human.stdout).toMatch(/^300 kB {2}model\.safetensors$/m)
    expect(human.stderr).toBe('7 files, 600 kB\n')
    const folder = await run(['ls', repo, 'tokenizer/', '-q'])
    expect(folder.stdout.trim().split('\n').toSorted()).toEqual([
      'tokenizer/merges.txt',
      'tokenizer/vocab.json',
    ])
    const tree = await run(['ls', repo, '--tree', '--revision', 'v1.0', '--endpoint', cli.hub.url])
    expect(tree.stdout).toContain('├── tokenizer/\n│   ├── ')
    const json = JSON.parse((await run(['ls', 'acme/data', '--type', 'dataset', '--json'])).stdout)
    expect(json).toContainEqual({
      path: 'data/train.parquet',
      sizeBytes: 5000,
      blobId: expect.stringMatching(/^[0-9a-f]{40}$/),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const lines = await run(['ls', 'datasets/acme/data', '--format', 'ndjson'])
    expect(
      lines.stdout
        .trim()
        .split('\n')
        .map((line) => parseOutput(line).path),
    ).toHaveLength(2)
  })
})

describe('names of a hostile repository', () => {
  it('cannot move the cursor, and wide ones keep their columns', async () => {
    const { run } = await cli.start()
    for (const args of [['ls'], ['ls', '--tree'], ['download', '--plan']]) {
      const [command = '', ...flags] = args
      const { stdout } = await run([command, 'acme/hostile', ...flags])
      expect(stdout).toContain('a�[31m�b�c.txt')
      expect(stdout).not.toMatch(/(?!\n)\p{Cc}|\p{Bidi_Control}/u)
    }
    const narrow = await run(['ls', 'acme/hostile'], { env: { COLUMNS: '20' } })
    expect(narrow.stdout).toContain(' 2 B  …漢字漢字.txt')
    const error = await run(['download', 'acme/hostile', 'no\u001B[31m.txt', '--progress', 'none'])
    expect(error.code).toBe(4)
    expect(error.stderr).not.toContain('\u001B')
  })
})

describe('hfx info', () => {
  it('tells commit, access, size and refs', async () => {
    const { run } = await cli.start()
    const json = JSON.parse((await run(['info', repo, '--json', '--endpoint', cli.hub.url])).stdout)
    expect(json).toMatchObject({
      repo,
      type: 'model',
      commit: cli.hub.commit(repo),
      gated: false,
      files: 7,
      branches: ['main'],
      tags: ['v1.0'],
      pullRequests: ['refs/pr/1'],
    })
    const gguf = await run(['info', 'acme/tiny-GGUF'])
    expect(gguf.stdout).toMatch(/^quantisations +Q4_K_S, Q8_0, Q4_K_M$/m)
    const old = await run(['info', repo, '--revision', 'v1.0', '--type', 'model', '-q'])
    expect(old.stdout).toBe(`${cli.hub.commit(repo, 'v1.0')}\n`)
  })
})

describe('hfx env and version', () => {
  it('env tells what a bug report needs and masks secrets', async () => {
    const { home, run } = await cli.start()
    const env = {
      HF_TOKEN: 'hf_ada_ada_ada_1234',
      HTTPS_PROXY: 'http://me:pw@proxy:1',
      MY_SECRET: 'x',
    }
    const human = await run(['env'], { env })
    expect(human.stdout).toMatch(/^tokenFrom +HF_TOKEN$/m)
    expect(human.stdout).toContain(` ${join(home, 'hf/hub')}\n`)
    expect(human.stdout).not.toMatch(/hf_ada|me:pw|MY_SECRET/)
    expect(JSON.parse((await run(['env', '--json'])).stdout)).toMatchObject({
      tokenFrom: null,
      node: process.versions.node,
    })
    const manifest = parseOutput(
      await readFile(new URL('../package.json', import.meta.url), 'utf8'),
    )
    for (const args of [['version'], ['--version'], ['-v'], ['env', '-q']])
      expect((await run(args)).stdout).toBe(`${manifest.version}\n`)
  })
})

describe('log records', () => {
  it('appear on stderr at the level that is asked for, and only then', async () => {
    const { run } = await cli.start()
    const args = ['download', 'acme/tiny-GGUF', 'README.md', '--progress', 'none']
    expect((await run(args)).stderr).toBe('')
    const told = await run([...args, '--force-download'], { env: { HF_HUB_VERBOSITY: 'info' } })
    expect(told.stderr).toMatch(/^info .*acme\/tiny-GGUF/m)
    expect(told.stdout).toMatch(/README\.md\n$/)
  })
})

describe('hfx doctor', () => {
  it('PX-4: looks at everything a download needs, and lists the hosts', async () => {
    const { home, run } = await cli.start()
    const { code, stdout } = await run(
      [
        'doctor',
        '--repo',
        repo,
        '--json',
        '--cache-dir',
        join(home, 'c'),
        '--endpoint',
        cli.hub.url,
      ],
      {
        env: { HF_TOKEN: 'hf_ada_ada_ada_1234' },
      },
    )
    expect(code).toBe(0)
    const report: {
      findings: { check: string; status: string; detail: string }[]
      hosts: string[]
    } = JSON.parse(stdout)
    const found = Object.fromEntries(report.findings.map(({ check, status }) => [check, status]))
    expect(found).toMatchObject({
      proxy: 'ok',
      dns: 'ok',
      'tcp v4': 'ok',
      tls: 'warn',
      hub: 'ok',
      clock: 'ok',
      token: 'ok',
      repository: 'ok',
      'api byte': 'ok',
      'data byte': 'ok',
      cache: 'ok',
      links: 'ok',
    })
    expect(found).toHaveProperty('locks')
    expect(found).toHaveProperty('free space')
    expect(report.findings.find(({ check }) => check === 'data byte')?.detail).toContain(
      new URL(cli.hub.cdnUrl).host,
    )
    expect(report.hosts).toEqual([new URL(cli.hub.url).host])
  })

  it('names each fault with its mending: a wrong token, a gate, a Hub that is away', async () => {
    const { run } = await cli.start()
    const token = await run(['doctor', '--repo', 'acme/gated'], {
      env: { HF_TOKEN: 'hf_wrong_wrong' },
    })
    expect(token.code).toBe(5)
    expect(token.stdout).toMatch(/^fail {2}token .*\n {6}→ Log in again/m)
    const gate = await run(['doctor', '--repo', 'acme/gated'], {
      env: { HF_TOKEN: 'hf_bob_bob_bob_5678' },
    })
    expect(gate.stdout).toMatch(/^ok {4}repository {2}acme\/gated is there, gated \(manual\)$/m)
    expect(gate.stdout).toMatch(/^fail {2}data byte .*\n {6}→ /m)
    const away = await run(['doctor'], { env: { HF_ENDPOINT: 'http://127.0.0.1:9' } })
    expect(away.code).toBe(5)
    expect(away.stdout).toMatch(/^fail {2}tcp v4 .*ECONNREFUSED\n {6}→ /m)
    const name = await run(['doctor', '-q'], { env: { HF_ENDPOINT: 'https://hub.invalid' } })
    expect(name.stdout).toContain('dns')
    const off = cli.hub.addFault({
      on: { method: 'HEAD', path: '/' },
      fault: { kind: 'setHeaders', headers: { date: 'Thu, 01 Jan 2026 00:00:00 GMT' } },
    })
    const clock = await run(['doctor', '--repo', repo])
    off.remove()
    expect(clock.stdout).toMatch(/^fail {2}clock +off by \d+ s\n {6}→ Set the clock/m)
  })

  it('a cache that cannot be written ends with 6', async () => {
    const { run } = await cli.start()
    const { code, stdout } = await run(['doctor', '--repo', repo, '--cache-dir', '/dev/null/cache'])
    expect(code).toBe(6)
    expect(stdout).toMatch(/^fail {2}cache .*\n {6}→ .*HF_HUB_CACHE/m)
  })
})

describe('hfx bench', () => {
  it('fetches one file with each number of connections and keeps nothing', async () => {
    const { home, run } = await cli.start()
    const flags = [
      '--connections',
      '1',
      '--connections',
      '2',
      '--rounds',
      '1',
      '--endpoint',
      cli.hub.url,
    ]
    const { stdout, code } = await run(['bench', repo, ...flags, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'model.safetensors',
      measured: [
        { connections: 1, bytes: 300_000 },
        { connections: 2, bytes: 300_000 },
      ],
    })
    await expect(readFile(join(home, 'hf/hub/CACHEDIR.TAG'))).rejects.toThrow('ENOENT')
    const named = await run([
      'bench',
      repo,
      '--file',
      'config.json',
      '--connections',
      'auto',
      '--limit-rate',
      '1MB',
      '--revision',
      'v1.0',
      '--type',
      'model',
    ])
    expect(named.stdout).toMatch(/^CONNECTIONS +TIME +RATE\nauto /)
    expect((await run(['bench', repo, '--file', 'no.bin'])).code).toBe(4)
    expect((await run(['bench', repo, '--connections', 'many'])).code).toBe(2)
  })
})

describe('hfx completion', () => {
  it.each(['bash', 'zsh', 'fish', 'powershell'])('prints a script for %s', async (shell) => {
    const { run } = await cli.start()
    const { code, stdout } = await run(['completion', shell])
    expect(code).toBe(0)
    expect(stdout).toContain('hfx')
    expect(stdout).toContain('complete')
  })

  it('completes commands, flags and choices without touching the network', async () => {
    const { run } = await cli.start()
    expect((await run(['complete', '--', 'dow'])).stdout).toMatch(/^download\t/)
    expect((await run(['complete', '--', 'cache', 'pr'])).stdout).toMatch(/^prune\t/)
    expect((await run(['complete', '--', 'download', '--local-d'])).stdout).toMatch(
      /^--local-dir\t/,
    )
    expect((await run(['complete', '--', 'download', '--weights', ''])).stdout).toMatch(
      /^all\t?\nauto\t?\n/,
    )
    expect((await run(['completion', 'tcsh'])).code).toBe(2)
    expect(cli.hub.requests).toEqual([])
  })
})

describe('hfx demo serve', () => {
  it('serves sample repositories, says where, and ends well on SIGTERM', async () => {
    const { home, run } = await cli.start()
    const ready = join(home, 'ready')
    const args = [cliPath, 'demo', 'serve', '--port', '0', '--ready-file', ready, '--rate', '1MB']
    const child = spawn(process.execPath, args, {
      env: baseEnv(home, {}),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    await expect.poll(() => stderr, { timeout: 15_000 }).toContain('In another terminal')
    const url = (await readFile(ready, 'utf8')).trim()
    expect(stdout).toBe(`${url}\n`)
    const { stdout: listing } = await run(['ls', 'demo/tiny-llama', '-q', '--endpoint', url])
    expect(listing).toContain('config.json')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    await expect(readFile(ready)).rejects.toThrow('ENOENT')
    expect((await run(['demo', 'serve', '--port', '70000'])).code).toBe(2)
    expect((await run(['demo', 'serve', '--rate', 'fast'])).code).toBe(2)
  })
})
