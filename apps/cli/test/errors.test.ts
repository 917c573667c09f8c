import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useHub } from './support/use-cli.ts'

const cli = useHub()

interface Case {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly code: number
  /** What one looks for in docs/errors.md; a mistyped command has none. */
  readonly word?: string
  readonly says: RegExp
}

const cases: Readonly<Record<string, Case>> = {
  'a bad repository id': {
    args: ['download', 'a/b/c/d'],
    code: 2,
    word: 'HUB_INVALID_REPO_ID',
    says: /"a\/b\/c\/d" is not a repository id/,
  },
  'a bad address': {
    args: ['download', 'hf://dataset/a/b'],
    code: 2,
    word: 'HUB_INVALID_URI',
    says: /write "datasets\/" with an s/,
  },
  'a missing repository': {
    args: ['download', 'acme/nothing'],
    code: 4,
    word: 'HUB_REPO_NOT_FOUND',
    says: /acme\/nothing was not found/,
  },
  'a missing file': {
    args: ['download', 'openai/whisper-tiny', 'no.txt'],
    code: 4,
    word: 'HUB_ENTRY_NOT_FOUND',
    says: /no\.txt/,
  },
  'a missing revision': {
    args: ['ls', 'openai/whisper-tiny', '--revision', 'nope'],
    code: 4,
    word: 'HUB_REVISION_NOT_FOUND',
    says: /nope/,
  },
  'a pattern that matches nothing': {
    args: ['download', 'openai/whisper-tiny', '--include', '*.gguf'],
    code: 4,
    word: 'HUB_NO_MATCH',
    says: /the pattern "\*\.gguf" matches no file/,
  },
  'a gated repository without a token': {
    args: ['download', 'acme/gated'],
    code: 3,
    word: 'HUB_GATED_REPO',
    says: /gated/,
  },
  'a gated repository without access': {
    args: ['download', 'acme/gated'],
    env: { HF_TOKEN: 'hf_bob_bob_bob_5678' },
    code: 3,
    word: 'HUB_GATED_REPO',
    says: /gated|access/,
  },
  'a private repository of somebody else': {
    args: ['info', 'acme/private'],
    env: { HF_TOKEN: 'hf_bob_bob_bob_5678' },
    code: 4,
    word: 'HUB_REPO_NOT_FOUND',
    says: /acme\/private was not found/,
  },
  'an expired token': {
    args: ['auth', 'whoami'],
    env: { HF_TOKEN: 'hf_old_old_old_old' },
    code: 3,
    word: 'HUB_TOKEN_INVALID',
    says: /token/,
  },
  'no network': {
    args: ['download', 'openai/whisper-tiny'],
    env: { HF_ENDPOINT: 'http://127.0.0.1:9' },
    code: 5,
    word: 'HUB_CONNECT_FAILED',
    says: /127\.0\.0\.1:9/,
  },
  'a name that does not resolve': {
    args: ['ls', 'openai/whisper-tiny'],
    env: { HF_ENDPOINT: 'http://hub.invalid' },
    code: 5,
    word: 'HUB_DNS_FAILED',
    says: /hub\.invalid/,
  },
  'an endpoint that is no address': {
    args: ['ls', 'a/b', '--endpoint', 'nonsense'],
    code: 2,
    word: 'HUB_INVALID_CONFIG',
    says: /nonsense/,
  },
  'an unknown command': {
    args: ['dowload'],
    code: 2,
    says: /unknown command 'dowload'\n {2}→ Did you mean download\?/,
  },
  'an unknown flag': {
    args: ['ls', 'a/b', '--revison', 'x'],
    code: 2,
    says: /Did you mean --revision\?/,
  },
  'a missing argument': {
    args: ['ls'],
    code: 2,
    says: /missing required argument 'repo'\n {2}→ Add --help/,
  },
  'a malformed lock file': {
    args: ['download', '--frozen'],
    code: 2,
    word: 'HUB_INVALID_CONFIG',
    says: /hf\.lock is no lock file/,
  },
  'an unknown format': {
    args: ['ls', 'a/b', '--format', 'xml'],
    code: 2,
    word: 'HUB_INVALID_OPTION',
    says: /"xml" is not an output format/,
  },
}

describe('errors', () => {
  it.each(Object.entries(cases))(
    '%s: one line with its code, the next step, the exit code',
    async (_name, wanted) => {
      const { home, run } = await cli.start()
      await writeFile(join(home, 'work/hf.lock'), '{"lockVersion":1,"repos":')
      const { code, stdout, stderr } = await run(wanted.args, wanted.env ? { env: wanted.env } : {})
      expect({ code, stdout }).toEqual({ code: wanted.code, stdout: '' })
      expect(stderr).toMatch(wanted.says)
      const lines = stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('hfx: '))
      expect(lines).toHaveLength(1)
      expect(/\[(\w+)\]$/.exec(lines[0] ?? '')?.[1]).toBe(wanted.word)
      expect(stderr).not.toMatch(/\n\s+at /)
      expect(stderr).not.toMatch(/hf_(bob|old)/)
    },
  )

  it.skipIf(process.getuid?.() === 0)('a folder without permission ends with 6', async () => {
    const { home, run } = await cli.start()
    await mkdir(join(home, 'locked'))
    await chmod(join(home, 'locked'), 0o500)
    const { code, stderr } = await run([
      'download',
      'openai/whisper-tiny',
      '--cache-dir',
      '../locked/cache',
    ])
    await chmod(join(home, 'locked'), 0o700)
    expect(code).toBe(6)
    expect(stderr).toMatch(/^hfx: /m)
  })

  it('a cache whose place is taken by a file ends with 6', async () => {
    const { home, run } = await cli.start()
    await writeFile(join(home, 'work/file'), '')
    const { code, stderr } = await run([
      'download',
      'openai/whisper-tiny',
      '--cache-dir',
      'file',
      '--progress',
      'none',
    ])
    expect(code).toBe(6)
    expect(stderr).toMatch(/^hfx: .*\n {2}→ /)
  })

  it('a full disk ends with 6', async () => {
    const { run } = await cli.start()
    const { code, stderr } = await run([
      'download',
      'openai/whisper-tiny',
      '--local-dir',
      '/dev/full/x',
      '--progress',
      'none',
    ])
    expect(code).toBe(6)
    expect(stderr).toMatch(/^hfx: /)
  })

  it('a cache that may only be read ends with 6', async () => {
    const { run } = await cli.start()
    const { code, stderr } = await run(['download', 'openai/whisper-tiny', '--progress', 'none'], {
      env: { HFX_READ_ONLY: '1' },
    })
    expect(code).toBe(6)
    expect(stderr).toMatch(/^hfx: the cache .* may only be read \[HUB_READ_ONLY\]\n {2}→ .*\n$/)
  })

  it('a server that fails ends with 5, and says which file and why', async () => {
    const fault = cli.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'status', status: 500 } })
    const { run } = await cli.start()
    const { code, stderr } = await run(['download', 'openai/whisper-tiny', '--progress', 'none'])
    fault.remove()
    expect(code).toBe(5)
    expect(stderr).toMatch(/^hfx: .*\.(safetensors|bin).*500.* \[HUB_SERVER_ERROR\]$/m)
  })

  it('HFX_DEBUG=1 shows the stack, still without secrets', async () => {
    const { run } = await cli.start()
    const { stderr } = await run(['auth', 'whoami'], {
      env: { HFX_DEBUG: '1', HF_TOKEN: 'hf_old_old_old_old' },
    })
    expect(stderr).toMatch(/\n\s+at /)
    expect(stderr).not.toContain('hf_old')
  })

  it('a Hub that limits the rate ends with 8', async () => {
    const fault = cli.hub.addFault({ on: { host: 'hub' }, fault: { kind: 'status', status: 429 } })
    const { run } = await cli.start()
    const { code } = await run(['ls', 'openai/whisper-tiny'])
    fault.remove()
    expect(code).toBe(8)
  })

  it('a flipped byte ends with 7 and leaves no file', async () => {
    const fault = cli.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'flip', atByte: 5 } })
    const { run } = await cli.start()
    const { code, stdout } = await run(['download', 'openai/whisper-tiny', 'model.safetensors'])
    fault.remove()
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' })
  })
})
