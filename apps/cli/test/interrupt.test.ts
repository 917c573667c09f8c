import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseOutput } from './support/parse-output.ts'
import { cliPath, baseEnv, useHub } from './support/use-cli.ts'

const cli = useHub()

/** 64 MB, slow enough to be interrupted in the middle. */
function slowData() {
  return cli.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'rate', bytesPerSecond: 4e6 } })
}

describe('interrupting a download', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'CF-1: %s ends it within a second, keeps partials, and says how to go on',
    async (signal) => {
      const fault = slowData()
      const { home, run } = await cli.start()
      let sentMs = 0
      const args = ['download', 'acme/large', '--progress', 'json']
      const stopped = await run(args, {
        onStderr(text, kill) {
          if (sentMs > 0 || !/"doneBytes":[1-9]/.test(text)) return
          sentMs = performance.now()
          kill(signal)
        },
      })
      const tookMs = performance.now() - sentMs
      expect(stopped).toMatchObject({ code: 130, stdout: '' })
      // A second is promised; half of one more is for a machine under load.
      expect(tookMs).toBeLessThan(1500)
      expect(stopped.stderr).toContain(
        'Interrupted. What is downloaded is kept. To go on:\n  hfx download acme/large --progress json\n',
      )
      const blobs = await readdir(join(home, 'hf/hub/models--acme--large/blobs'))
      expect(blobs.some((name) => name.endsWith('.incomplete'))).toBe(true)

      fault.remove()
      const again = await run(['download', 'acme/large', '--json'])
      expect(again.code).toBe(0)
      expect(parseOutput(again.stdout).fetchedBytes).toBeLessThan(64 * 2 ** 20)
    },
  )

  it('a second Ctrl-C ends it at once', async () => {
    const fault = slowData()
    const { run } = await cli.start()
    let sent = false
    const { code } = await run(['download', 'acme/large', '--progress', 'json'], {
      onStderr(text, kill) {
        if (sent || !/"doneBytes":[1-9]/.test(text)) return
        sent = true
        kill('SIGINT')
        kill('SIGINT')
      },
    })
    fault.remove()
    expect(code).toBe(130)
  })

  it('a reader that leaves early is no failure', async () => {
    const { home } = await cli.start()
    const env = baseEnv(home, { HF_ENDPOINT: cli.hub.url })
    const line = `"${process.execPath}" "${cliPath}" ls openai/whisper-tiny --json | head -1; echo "\${PIPESTATUS[0]}"`
    const child = spawn('bash', ['-c', line], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    await new Promise((resolve) => child.once('close', resolve))
    expect({ stdout, stderr }).toEqual({ stdout: '[\n0\n', stderr: '' })
  })
})
