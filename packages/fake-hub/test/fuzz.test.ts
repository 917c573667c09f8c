import { assert, asyncProperty, constantFrom, oneof, record, array, string } from 'fast-check'
import { expect, it } from 'vitest'
import { sampleRepos } from '../src/index.ts'
import { requestRaw } from './raw-client.ts'
import { startTestHub } from './running-hub.ts'

const segment = oneof(
  constantFrom(
    'api',
    'models',
    'datasets',
    'resolve',
    'resolve-cache',
    'tree',
    'paths-info',
    'refs',
  ),
  constantFrom('revision', 'main', 'sample', 'revisions', 'sample-without-owner', 'same.txt'),
  constantFrom('', '..', '%2e%2e', '%', '%zz', '%00', 'refs%2Fpr%2F1', '__proto__', 'constructor'),
  string({ maxLength: 8 }).map((text) => encodeURIComponent(text.replace(/[\uD800-\uDFFF]/g, ''))),
)

it('answers whatever is asked, and never with a failure of its own', async () => {
  const hub = await startTestHub({ repos: sampleRepos() })
  const question = record({
    path: array(segment, { maxLength: 7 }),
    query: constantFrom(
      '',
      '?',
      '?recursive=true&cursor=x',
      '?limit=-1&expand=1',
      '?cursor=OTk5OTk5OTk5',
    ),
    range: constantFrom('', 'bytes=', 'bytes=-', 'bytes=9999999999999999999-', 'bytes=1-0', 'x'),
    method: constantFrom('GET', 'HEAD', 'POST', 'PUT', 'OPTIONS'),
  })
  await assert(
    asyncProperty(question, async ({ path, query, range, method }) => {
      const url = `${hub.url}/${path.join('/')}${query}`
      const headers = { Range: range, Connection: 'close', 'Content-Length': '0' }
      const { head } = await requestRaw(url, headers, { method, idleMs: 5000 })
      const status = Number(head.split(' ')[1])
      expect(status).toBeGreaterThanOrEqual(200)
      expect(status).toBeLessThan(500)
    }),
    { numRuns: 400 },
  )
})
