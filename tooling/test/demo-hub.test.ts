import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startDemoHub } from '../demo-hub.mjs'
import { plantFiles } from './plant-files.ts'

it('waits until the Hub has written its address, and ends it afterwards', async () => {
  const folder = await plantFiles({
    'cli.mjs': `
import { createServer } from 'node:http'
import { writeFileSync } from 'node:fs'
const server = createServer((request, response) => response.end(process.argv.slice(2, 6).join(' ')))
server.listen(0, '127.0.0.1', () => writeFileSync(process.argv.at(-1), 'http://127.0.0.1:' + server.address().port))
`,
  })
  const readyFile = join(folder, 'hub.url')
  const hub = await startDemoHub({ cli: join(folder, 'cli.mjs'), readyFile, env: {} })
  const answer = await fetch(hub.url).then((response) => response.text())
  expect(answer).toBe('demo serve --port 0')
  await hub.stop()
  await expect(fetch(hub.url)).rejects.toThrow('fetch failed')
})

it('says what the Hub said when it did not start', async () => {
  const folder = await plantFiles({ 'cli.mjs': "console.error('port taken'); process.exit(5)" })
  const started = startDemoHub({
    cli: join(folder, 'cli.mjs'),
    readyFile: join(folder, 'x'),
    env: {},
  })
  await expect(started).rejects.toThrow('port taken')
})
