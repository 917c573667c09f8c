import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { main } from '../src/wired-service.ts'
import { play, recordsOf, useStage } from './fixtures.ts'

/** Answers with the service's address as soon as it listens, and with the folder as soon as it is ready. */
function listen(): {
  readonly onLine: (line: string) => void
  readonly port: Promise<number>
  readonly ready: Promise<void>
} {
  const heard = new EventEmitter()
  const onLine = (line: string): void => {
    const [record] = recordsOf([line])
    const address = record?.['address']
    if (typeof address === 'object' && address && 'port' in address)
      heard.emit('port', address.port)
    if (record?.['message'] === 'model is ready') heard.emit('ready')
  }
  return {
    onLine,
    port: new Promise((resolve) => void heard.once('port', resolve)),
    ready: new Promise((resolve) => void heard.once('ready', resolve)),
  }
}

describe('wired service', () => {
  it('is healthy at once, ready with its model, and stops gracefully at SIGTERM', async () => {
    const { hub, env } = await useStage()
    const gate = hub.addFault({ on: { path: '/api/models/' }, fault: { kind: 'latency', ms: 300 } })
    const signals = new EventEmitter()
    const { onLine, port, ready } = listen()
    const running = play(main, { args: ['acme/open'], env: { ...env, PORT: '0' }, signals, onLine })
    const url = `http://127.0.0.1:${await port}`
    const status = async (path: string): Promise<number> => (await fetch(url + path)).status
    expect(await status('/healthz')).toBe(200)
    expect(await status('/readyz')).toBe(503)
    gate.remove()
    await ready
    expect(await status('/readyz')).toBe(200)
    signals.emit('SIGTERM')
    const { exitCode, lines } = await running
    expect(exitCode).toBe(0)
    expect(recordsOf(lines).at(-1)).toMatchObject({ message: 'stopped', reason: 'SIGTERM' })
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')
  })

  it('stops in the middle of a pull', async () => {
    const { hub, env } = await useStage()
    hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'stall', afterBytes: 1000 } })
    const signals = new EventEmitter()
    const { onLine, port } = listen()
    const running = play(main, { args: ['acme/open'], env: { ...env, PORT: '0' }, signals, onLine })
    // Once it answers its start is through; before, the code would be that of a start given up: 143.
    expect((await fetch(`http://127.0.0.1:${await port}/healthz`)).status).toBe(200)
    signals.emit('SIGTERM')
    expect((await running).exitCode).toBe(0)
  })

  it('goes down with a code when there is no model', async () => {
    const { env } = await useStage()
    const { exitCode, lines } = await play(main, {
      args: ['acme/nope'],
      env: { ...env, PORT: '0' },
    })
    expect(exitCode).toBe(1)
    expect(recordsOf(lines).map(({ message }) => message)).toContain('model cannot be had')
  })
})
