import { spawn, spawnSync } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { startFakeHub } from '@hfx/fake-hub'
import { type FlowEvent, pinFile } from '@hfx/core'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { knownMissing, scanCache, tryToLoadFromCache } from '../src/index.ts'
import { configBytes, openCache, openDir, put, repo } from './subjects.ts'

/**
 * Both directions with the real client. Runs when HFX_PYTHON names a Python that has huggingface_hub:
 *
 *     HFX_PYTHON=~/venv/bin/python npx vitest run test/interop.test.ts
 */
const python = env['HFX_PYTHON']
const script = fileURLToPath(new URL('interop.py', import.meta.url))
const hasClient =
  python !== undefined && spawnSync(python, ['-c', 'import huggingface_hub']).status === 0

it.runIf(!hasClient)('says that it was skipped', ({ skip }) => {
  expect(hasClient).toBe(false)
  skip('HFX_PYTHON names no Python with huggingface_hub')
})

type Request = Readonly<Record<string, unknown>>

/** Asks the Python client without stopping this process, in which the fake Hub lives. */
async function ask(request: Request): Promise<unknown> {
  const child = spawn(python ?? 'python3', [script, JSON.stringify(request)])
  const out: string[] = []
  const errors: string[] = []
  child.stdout.on('data', (chunk) => out.push(String(chunk)))
  child.stderr.on('data', (chunk) => errors.push(String(chunk)))
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(errors.join(''))
  return JSON.parse(out.join(''))
}

const lfsBytes = Buffer.from(Array.from({ length: 1_048_576 }, (_, index) => index % 256))
const files = {
  'config.json': configBytes,
  'sub/dir/x.txt': 'hello\n',
  'model.bin': { lfs: true, bytes: lfsBytes },
  'empty.txt': '',
} as const

async function openHub(): ReturnType<typeof startFakeHub> {
  const hub = await startFakeHub({
    repos: [{ id: 'a/b', commits: [{ files }], prs: { 1: 0 } }],
  })
  onTestFinished(() => hub.close())
  return hub
}

function contentOf(path: string): Buffer {
  if (path === 'model.bin') return lfsBytes
  return Buffer.from(path === 'config.json' ? configBytes : path === 'empty.txt' ? '' : 'hello\n')
}

describe.skipIf(!hasClient)('with the real Python client', () => {
  it('NO-1, cases 3, 45, 65: reads a snapshot that Python downloaded', async () => {
    const hub = await openHub()
    const root = await useTempDir()
    const args = { repo_id: 'a/b', cache_dir: root }
    const folder = await ask({ do: 'snapshot', endpoint: hub.url, args })
    const commit = hub.commit('a/b', 'main')
    const store = openCache(root)
    expect(store.snapshotFolder(repo, commit)).toBe(folder)
    expect((await store.readRevision(repo, 'main'))?.commit).toBe(commit)
    const tree = await store.readTree(repo, commit)
    expect(tree?.map(({ path }) => path).toSorted()).toEqual(Object.keys(files).toSorted())
    for (const listed of tree ?? []) {
      const state = await store.findFile(pinFile(repo, commit, listed))
      if (state.kind !== 'cached') throw new Error(`${listed.path} is ${state.kind}`)
      expect((await readFile(state.path)).equals(contentOf(listed.path))).toBe(true)
    }
    const [ours, theirs] = [await scanCache(root), await ask({ do: 'scan', cache_dir: root })]
    expect(theirs).toMatchObject({
      size: ours.sizeBytes,
      warnings: [],
      repos: [{ id: 'a/b', files: ours.repos[0]?.fileCount, refs: { main: commit } }],
    })
  })

  it.each([false, true])(
    'NO-1, cases 2, 28, 65, 69: Python reads ours offline (plain files: %s)',
    async (plain) => {
      const hub = await openHub()
      const root = await useTempDir()
      const commit = hub.commit('a/b', 'main')
      const listed = openCache(await useTempDir())
      await ask({
        do: 'snapshot',
        endpoint: hub.url,
        args: { repo_id: 'a/b', cache_dir: listed.root },
      })
      const tree = (await listed.readTree(repo, commit)) ?? []
      const store = openCache(root, { disableSymlinks: plain })
      for (const one of tree) {
        const bytes = contentOf(one.path).toString('latin1')
        // ASCII for the small ones; the large one is laid down as it is.
        const path = await put(
          store,
          pinFile(repo, commit, one),
          one.path === 'model.bin' ? '' : bytes,
        )
        if (one.path === 'model.bin') await writeFile(path, lfsBytes)
      }
      await store.writeTree(repo, commit, tree)
      await store.writeRevision(repo, { requested: 'main', commit })
      await store.markMissing(repo, commit, 'nope/missing.txt')
      hub.clearRequests()
      const offline = { repo_id: 'a/b', cache_dir: root, local_files_only: true }
      expect(await ask({ do: 'snapshot', args: offline })).toBe(store.snapshotFolder(repo, commit))
      for (const filename of Object.keys(files)) {
        const path = join(store.snapshotFolder(repo, commit), filename)
        expect(await ask({ do: 'file', args: { ...offline, filename } })).toBe(path)
      }
      const load = { repo_id: 'a/b', cache_dir: root }
      expect(await ask({ do: 'load', args: { ...load, filename: 'nope/missing.txt' } })).toBe(
        'KNOWN_MISSING',
      )
      expect(await ask({ do: 'load', args: { ...load, filename: 'other' } })).toBeNull()
      const theirs = await ask({ do: 'scan', cache_dir: root })
      const ours = await scanCache(root)
      expect(theirs).toMatchObject({ size: ours.sizeBytes, warnings: [], repos: [{ id: 'a/b' }] })
      expect(hub.requests).toEqual([])
    },
  )

  it('cases 25 and 26: Python’s marker of a missing file is ours', async () => {
    const hub = await openHub()
    const root = await useTempDir()
    const args = { repo_id: 'a/b', cache_dir: root, filename: 'nope/missing.txt' }
    await expect(ask({ do: 'file', endpoint: hub.url, args })).rejects.toThrow('EntryNotFound')
    expect(await tryToLoadFromCache(root, { repo, path: 'nope/missing.txt' })).toBe(knownMissing)
  })

  it('cases 35 and 36: local folders are taken over without a request, both ways', async () => {
    const hub = await openHub()
    const commit = hub.commit('a/b', 'main')
    const theirs = await useTempDir()
    const cache = await useTempDir()
    const args = { repo_id: 'a/b', revision: commit, filename: 'config.json', cache_dir: cache }
    await ask({ do: 'file', endpoint: hub.url, args: { ...args, local_dir: theirs } })
    const file = pinBytes('config.json', configBytes, {
      commit,
      etag: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef',
    })
    const opened = openDir(theirs)
    expect((await opened.store.findFile(file)).kind).toBe('cached')
    expect(opened.hashed).toEqual([])
    const ours = await useTempDir()
    await put(openDir(ours).store, file, configBytes)
    hub.clearRequests()
    const found = await ask({ do: 'file', endpoint: hub.url, args: { ...args, local_dir: ours } })
    expect(found).toBe(join(ours, 'config.json'))
    expect(hub.requests).toEqual([])
  })

  it('cases 31 and 32: one lock keeps both out, and both end with the same file', async () => {
    const root = await useTempDir()
    const file = pinBytes('x.bin', 'x'.repeat(300_000))
    const lock = join(root, '.locks/models--a--b', `${file.etag}.lock`)
    const holder = spawn(python ?? 'python3', [script, JSON.stringify({ do: 'hold', lock })])
    onTestFinished(() => void holder.kill())
    await new Promise((resolve) => holder.stdout.once('data', resolve))
    const events: FlowEvent[] = []
    const emit = (event: FlowEvent): void => {
      events.push(event)
      if (event.type === 'file:wait') holder.stdin.end()
    }
    await openCache(root).withFileLock(file, async () => {}, { emit })
    expect(events[0]).toMatchObject({ type: 'phase:start', phase: 'wait' })
    expect((await stat(lock)).size).toBe(0)
  })

  it('case 31: both download one repository at once, and neither errs', async () => {
    const hub = await openHub()
    const root = await useTempDir()
    const commit = hub.commit('a/b', 'main')
    const theirs = ask({
      do: 'snapshot',
      endpoint: hub.url,
      args: { repo_id: 'a/b', cache_dir: root },
    })
    const store = openCache(root)
    const file = pinBytes('config.json', configBytes, {
      commit,
      etag: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef',
    })
    const path = await store.withFileLock(file, () => put(store, file, configBytes))
    expect(await theirs).toBe(store.snapshotFolder(repo, commit))
    expect(await readFile(path, 'utf8')).toBe(configBytes)
    expect((await scanCache(root)).warnings).toEqual([])
  })
})
