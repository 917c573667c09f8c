import { createServer } from 'node:http'
import { useServer } from '@hfx/testing'
import { expect, it, onTestFinished } from 'vitest'
import { createHttp } from '../src/index.ts'

// In a file of its own: sockets of other tests would be counted.
it('a resting connection does not keep the process alive, one in use does', async () => {
  const answers: (() => void)[] = []
  const port = await useServer(
    createServer((incoming, response) => {
      incoming.socket.unref()
      answers.push(() => response.end('x'))
    }),
  )
  const url = `http://127.0.0.1:${port}/`
  const http = createHttp({ endpoint: url })
  onTestFinished(() => http.close())
  const count = (kind: string): number =>
    process.getActiveResourcesInfo().filter((active) => active === kind).length
  const held = (): number => count('TCPSocketWrap')
  const timers = count('Timeout')
  for (let round = 0; round < 2; round += 1) {
    const asked = http.transport.send({ method: 'GET', url })
    await expect.poll(() => answers.length, { timeout: 10_000 }).toBe(round + 1)
    expect(held()).toBe(1)
    answers[round]?.()
    await asked
    expect(held()).toBe(0)
    // Nor does the limit on its time.
    expect(count('Timeout')).toBeLessThanOrEqual(timers)
  }
})
