import { createServer } from 'node:http'
import type { FlowEvent } from '@hfx/core'
import { useServer } from '@hfx/testing'
import { expect, it, onTestFinished } from 'vitest'
import { createHttp } from '../src/index.ts'

async function hear(warnings: readonly string[]): Promise<readonly string[]> {
  let asked = 0
  const port = await useServer(
    createServer((_request, response) => {
      const warning = warnings[asked++] ?? ''
      response.writeHead(200, { 'x-hf-warning': warning }).end()
    }),
  )
  const endpoint = `http://127.0.0.1:${port}`
  const http = createHttp({ endpoint })
  onTestFinished(() => http.close())
  const events: FlowEvent[] = []
  for (let asking = 0; asking < warnings.length; asking++)
    await http.transport.send(
      { method: 'GET', url: endpoint },
      { emit: (event) => events.push(event) },
    )
  return events.flatMap((event) => (event.type === 'job:warning' ? [event.message] : []))
}

it('what the Hub says beside its answers is passed on once a topic', async () => {
  expect(await hear(['A; old', 'A; again', 'B; other', 'A; old'])).toEqual(['old', 'other'])
})

it('SE-4: a server with a new topic each time is not listened to for ever', async () => {
  const many = Array.from({ length: 150 }, (_, at) => `topic ${at}; text`)
  expect((await hear(many)).length).toBeLessThan(110)
})

it('SE-3: a notice is one line without secrets', async () => {
  const [said] = await hear(['A; go to https://u:pw@h.example/?sig=abc  hf_abcdefghijk'])
  expect(said).not.toMatch(/pw|abc|  /)
})
