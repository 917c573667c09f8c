import { describeFileStore } from '@hfx/testing'
import { createHubCache, createLocalDir } from '../src/index.ts'
import { createTestDeps } from './deps.ts'

const refuse = (): Promise<never> =>
  Promise.reject(Object.assign(new Error('EPERM: refused by the test'), { code: 'EPERM' }))

describeFileStore('the Hub cache', (root) => createHubCache(createTestDeps(), { root }))
describeFileStore('the Hub cache without symlinks', (root) =>
  createHubCache(createTestDeps(), { root, disableSymlinks: true }),
)
describeFileStore('the Hub cache without symlinks and hardlinks', (root) =>
  createHubCache(createTestDeps({ platform: { hardlink: refuse, reflink: refuse } }), {
    root,
    disableSymlinks: true,
  }),
)
describeFileStore('the Hub cache with flock(1)', (root) =>
  createHubCache(createTestDeps(), { root, locks: 'flock' }),
)
describeFileStore('the Hub cache over an empty layer', (root) =>
  createHubCache(createTestDeps(), { root, layers: [`${root}/none`] }),
)
describeFileStore('a local folder', (folder) => createLocalDir(createTestDeps(), { folder }))
describeFileStore('a local folder over a Hub cache', (folder) =>
  createLocalDir(createTestDeps(), {
    folder: `${folder}/here`,
    cache: createHubCache(createTestDeps(), { root: `${folder}/cache` }),
  }),
)
