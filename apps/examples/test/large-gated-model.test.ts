import { describe, expect, it } from 'vitest'
import { main } from '../src/large-gated-model.ts'
import { play, useStage } from './fixtures.ts'

describe('large gated model', () => {
  it('checks access, tells kinds, size and time, asks, and pulls what the pattern leaves', async () => {
    const { hub, env } = await useStage()
    const asked: string[] = []
    const { exitCode, text } = await play(main, {
      args: ['acme/tiny'],
      env,
      confirm: (question) => Promise.resolve(asked.push(question) > 0),
    })
    expect(text).toContain('ada has access to acme/tiny')
    expect(text).toMatch(/^\.safetensors: 1 files, 2\d\.\d+ MB$/m)
    expect(text).toMatch(/^\.json: 2 files, 12 B$/m)
    expect(text).toMatch(/about .* at .*\/s/)
    expect(asked).toHaveLength(1)
    expect(text).toContain('every file verified')
    expect(exitCode).toBe(0)
    expect(hub.requests.some(({ path }) => path.includes('original'))).toBe(false)
  })

  it('without access says where to ask for it, before anything is fetched', async () => {
    const { hub, env } = await useStage()
    const { exitCode, text } = await play(main, {
      args: ['acme/tiny'],
      env: { ...env, HF_TOKEN: 'hf_bob_token' },
    })
    expect(exitCode).toBe(1)
    expect(text).toContain('HUB_GATED_REPO')
    expect(text).toContain(`${hub.url}/acme/tiny`)
    expect(hub.requests.filter(({ host }) => host === 'cdn')).toEqual([])
  })

  it('goes on where it was stopped', async () => {
    const { hub, env } = await useStage()
    const abort = new AbortController()
    // Stops as soon as the large file has some finished parts.
    hub.addFault({
      on: { path: 'large.safetensors', host: 'cdn' },
      fault: { kind: 'rate', bytesPerSecond: 8e6 },
    })
    const env2 = { ...env, HFX_PART_SIZE: '1MiB', HFX_CONNECTIONS: '2' }
    const waiting = setInterval(() => {
      const done = hub.requests.filter(
        ({ host, status, aborted }) => host === 'cdn' && status === 206 && !aborted,
      )
      if (done.length >= 4) abort.abort()
    }, 20)
    const first = await play(main, { args: ['acme/large'], env: env2, signal: abort.signal })
    clearInterval(waiting)
    expect(first.exitCode).toBe(130)
    expect(first.text).toContain('run it again to go on')
    hub.clearFaults()
    const second = await play(main, { args: ['acme/large'], env: env2 })
    expect(second.exitCode).toBe(0)
    expect(second.text).toMatch(/large\.safetensors goes on after \d/)
    expect(second.text).toContain('not known: nothing had to be fetched')
  })
})
