import { expect, it } from 'vitest'
import type { HubClient, HubClientOptions } from '../src/index.ts'
import { openStage } from './support/hub-stage.ts'

async function open(options: HubClientOptions): Promise<HubClient> {
  const repos = [{ id: 'acme/tiny', commits: [{ files: { 'a.txt': 'a', 'b.txt': 'b' } }] }]
  return (await openStage({ repos })).open(options)
}

it('a listener that throws hurts nobody, and is reported once', async () => {
  const errors: string[] = []
  const quiet = (): void => undefined
  const logger = {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (message: string) => void errors.push(message),
  }
  const client = await open({ logger })
  client.onAny(() => {
    throw new Error('a broken screen')
  })
  const heard: string[] = []
  client.on('file:end', (event) => heard.push(event.path))
  await client.snapshot('acme/tiny')
  expect(heard.toSorted((a, b) => a.localeCompare(b))).toEqual(['a.txt', 'b.txt'])
  expect(errors).toEqual(['an event listener throws; it goes on being called'])
})

it('a logger that throws hurts nobody', async () => {
  const broken = (): never => {
    throw new Error('a broken pipe')
  }
  const client = await open({
    logger: { debug: broken, info: broken, warn: broken, error: broken },
    logLevel: 'debug',
    detailedLogs: true,
  })
  expect((await client.snapshot('acme/tiny')).files).toHaveLength(2)
})

it('whoever stops listening hears no more', async () => {
  const client = await open({})
  let heard = 0
  const stop = client.onAny(() => heard++)
  stop()
  await client.snapshot('acme/tiny')
  expect(heard).toBe(0)
})
