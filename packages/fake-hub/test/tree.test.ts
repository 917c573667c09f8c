import { describe, expect, it } from 'vitest'
import { createManyFiles, type FakeHub, sampleRepos } from '../src/index.ts'
import { type Item, listAll } from './list-all.ts'
import { ask, bearer, readJson, startTestHub } from './running-hub.ts'

const ada = { token: 'hf_ada', name: 'ada', orgs: ['demo-org'], access: ['sample/gated'] }

function startSamples(pageSize = 1000): Promise<FakeHub> {
  return startTestHub({ repos: sampleRepos(), users: [ada], pageSize })
}

describe('tree', () => {
  it('pages with a Link to the next page, folders before what they hold', async () => {
    const hub = await startSamples(7)
    const url = `${hub.url}/api/models/demo/odd-names/tree/main?recursive=true&expand=false`
    const { items, pages } = await listAll(url)
    expect(pages).toBe(Math.ceil(items.length / 7))
    expect(items.filter((item) => item.type === 'file')).toHaveLength(16)
    const paths = items.map((item) => item.path)
    for (const path of paths.filter((one) => one.includes('/')))
      expect(paths.indexOf(path.slice(0, path.lastIndexOf('/')))).toBeLessThan(paths.indexOf(path))
    expect(new Set(paths).size).toBe(paths.length)
  })

  it('sends no Link when the last page is exactly full', async () => {
    const hub = await startTestHub({
      repos: [{ id: 'a/b', commits: [{ files: { a: '', b: '' } }] }],
      pageSize: 2,
    })
    expect((await listAll(`${hub.url}/api/models/a/b/tree/main?recursive=true`)).pages).toBe(1)
  })

  it('lists one level only unless recursive, and below a folder', async () => {
    const hub = await startSamples()
    const top = await listAll(`${hub.url}/api/models/sample/many-files/tree/main`)
    expect(top.items.map((item) => item.path)).toEqual(['part-0000', 'part-0001', 'part-0002'])
    const below = await listAll(
      `${hub.url}/api/models/sample/many-files/tree/main/part-0001?recursive=true`,
    )
    expect([below.items.length, below.items[0]?.path]).toEqual([1000, 'part-0001/file-1000.txt'])
    const encoded = await ask(`${hub.url}/api/models/demo/odd-names/tree/main/level-1%2Flevel-2`)
    expect(await encoded.json()).toMatchObject([
      { path: 'level-1/level-2/level-3', type: 'directory' },
    ])
    const missing = await ask(`${hub.url}/api/models/sample/many-files/tree/main/nope`)
    expect([missing.status, missing.headers.get('x-error-code')]).toEqual([404, 'EntryNotFound'])
  })

  it('tells the last commit when expanded, on pages a twentieth as long', async () => {
    const hub = await startSamples(100)
    const { items, pages } = await listAll(
      `${hub.url}/api/models/demo/tiny-llama/tree/main?expand=true`,
    )
    expect(pages).toBe(3)
    expect(items[0]?.lastCommit).toMatchObject({ id: hub.commit('demo/tiny-llama') })
  })

  it('lists 150,000 files without holding them (RQ-1)', async () => {
    const hub = await startSamples()
    const { items, pages } = await listAll(
      `${hub.url}/api/models/sample/huge-listing/tree/main?recursive=true`,
    )
    expect(items.filter((item) => item.type === 'file')).toHaveLength(150_000)
    expect(pages).toBe(151)
    const last = await fetch(
      `${hub.url}/sample/huge-listing/resolve/main/part-000149/file-149999.txt`,
    )
    expect(await last.text()).toBe('This is file 149999 of 150000.\n')
  })

  it('finds in a made-up tree exactly what it lists', () => {
    const tree = createManyFiles(25, { filesPerFolder: 10 })
    const paths = Array.from({ length: tree.entryCount }, (_, index) => tree.entryAt(index).path)
    expect(paths.map((path) => tree.indexOf(path))).toEqual([...paths.keys()])
    expect(paths.toSorted()).toEqual(paths)
    for (const path of ['part-03', 'part-00/file-10.txt', 'part-02/file-25.txt', 'part-0', 'x'])
      expect(tree.indexOf(path)).toBe(-1)
  })

  it('sends a raw listing verbatim, page by page', async () => {
    const rawListing = [{ type: 'file', path: '../../evil', size: -1, oid: 'x' }, 7, null]
    const hub = await startTestHub({
      repos: [{ id: 'a/hostile', commits: [{ files: {}, rawListing, hash: '../../../etc' }] }],
      pageSize: 2,
    })
    const { items, pages } = await listAll(
      `${hub.url}/api/models/a/hostile/tree/main?recursive=true`,
    )
    expect([items, pages]).toEqual([rawListing, 2])
    const info = await ask(`${hub.url}/api/models/a/hostile`)
    expect(await info.json()).toMatchObject({ sha: '../../../etc' })
  })

  it('tells Xet hashes, masked to those who may not read the files', async () => {
    const xetHash = 'cd'.repeat(32)
    const commits = [{ files: { 'a.bin': { bytes: 'a', xetHash } } }]
    const hub = await startTestHub({
      repos: [{ id: 'sample/gated', gated: 'auto', commits }],
      users: [ada],
    })
    const url = `${hub.url}/api/models/sample/gated/tree/main`
    const stranger = await readJson<Item[]>(ask(url))
    expect(stranger[0]?.xetHash).not.toMatch(/[0-9a-f]/)
    const friend = await readJson<Item[]>(ask(url, bearer('hf_ada')))
    expect(friend[0]?.xetHash).toBe(xetHash)
  })
})
