import { spawnSync } from 'node:child_process'
import { chmod, copyFile, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { runCli, useHub } from './support/use-cli.ts'

const built = fileURLToPath(new URL('../dist/single/hfx.cjs', import.meta.url))
const cli = useHub()

/** An id that no password file knows, as Kubernetes gives one to a pod; who is not root can only be without a home. */
const nobody = process.getuid?.() === 0 ? { uid: 54_321, gid: 54_321 } : {}
const canBeNobody =
  process.platform !== 'win32' &&
  spawnSync(process.execPath, ['-e', '0'], { ...nobody, cwd: '/' }).status === 0

/** The command where only `tmp` can be written. */
async function install(): Promise<{
  readonly tmp: string
  run(env: Readonly<Record<string, string>>): ReturnType<typeof runCli>
}> {
  const folder = await useTempDir()
  const tmp = join(folder, 'tmp')
  const program = join(folder, 'hfx')
  await mkdir(tmp)
  await copyFile(built, program)
  await Promise.all([chmod(folder, 0o755), chmod(program, 0o755), chmod(tmp, 0o777)])
  const base = {
    PATH: dirname(process.execPath),
    TMPDIR: tmp,
    HF_ENDPOINT: cli.hub.url,
    NO_PROXY: '*',
  }
  const run = (env: Readonly<Record<string, string>>): ReturnType<typeof runCli> =>
    runCli(['download', 'openai/whisper-tiny', '-q'], {
      program,
      cwd: folder,
      env: { ...base, ...env },
      ...nobody,
    })
  return { tmp, run }
}

describe.skipIf(!canBeNobody)('where only the temporary folder can be written', () => {
  it.each([
    ['no home at all', {}],
    ['a home that is not there', { HOME: '/nonexistent' }],
    ['the home of a container', { HOME: '/' }],
  ])('%s: HF_HOME below it is all that is needed', async (_title, env) => {
    const { tmp, run } = await install()
    const { code, stdout, stderr } = await run({ ...env, HF_HOME: join(tmp, 'hf') })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.startsWith(join(tmp, 'hf', 'hub'))).toBe(true)
    expect(await readdir(tmp)).toEqual(['hf'])
    cli.hub.clearRequests()
    const again = await run({ ...env, HF_HOME: join(tmp, 'hf') })
    expect(again).toMatchObject({ code: 0, stdout, stderr })
    expect(cli.hub.requests).toHaveLength(1)
  })

  it('a download that lost its connection there goes on', async () => {
    const { tmp, run } = await install()
    const lost = { kind: 'reset', afterBytes: 1_000 } as const
    cli.hub.addFault({ on: { host: 'cdn' }, times: 2, fault: lost })
    const { code, stderr } = await run({ HF_HOME: join(tmp, 'hf'), HFX_RETRY_INTERVAL: '10ms' })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it.each([
    ['no home at all', {}],
    ['a home that is not there', { HOME: '/nonexistent' }],
  ])('%s and no HF_HOME: one line, and what to set', async (_title, env) => {
    const { run } = await install()
    const { code, stdout, stderr } = await run(env)
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' })
    expect(stderr).toMatch(
      /^hfx: cannot make \S+: permission denied \[HUB_PERMISSION_DENIED\]\n {2}→ .*HF_HUB_CACHE/,
    )
  })
})
