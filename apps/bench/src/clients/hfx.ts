// What a program that uses hfx does. The bench copies it beside a copy of the built packages and runs it there.
import { createHubClient, type HubClientOptions } from '@hfx/hub'

const [repo = '', revision = 'main', options = '{}'] = process.argv.slice(2)
const given: unknown = JSON.parse(options)
if (!isOptions(given)) throw new TypeError('the third argument must be a JSON object')
await using hub = createHubClient({ env: {}, token: false, ...given })
await hub.download(repo, { revision })

function isOptions(value: unknown): value is HubClientOptions {
  return typeof value === 'object' && value !== null
}
