import { lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pinBytes, stageBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { commitC, openDir, put, repo } from './subjects.ts'

describe('SE-2: nothing outside the folder', () => {
  it('refuses to write through a symbolic link for a folder', async () => {
    const folder = await useTempDir()
    const outside = await useTempDir()
    await symlink(outside, join(folder, 'sub'))
    const { store } = openDir(folder)
    const file = pinBytes('sub/x.bin', 'bytes')
    await expect(store.stageFile(file)).rejects.toMatchObject({ code: 'HUB_UNSAFE_PATH' })
    await writeFile(join(outside, 'x.bin'), 'bytes')
    expect((await store.findFile(file)).kind).toBe('fetch')
    expect(await readdir(outside)).toEqual(['x.bin'])
  })

  it('refuses a folder that was swapped for a link while the bytes were coming', async () => {
    const folder = await useTempDir()
    const outside = await useTempDir()
    const { store } = openDir(folder)
    const file = pinBytes('sub/x.bin', 'bytes')
    const verified = await stageBytes(store, file, 'bytes')
    await rm(join(folder, 'sub'), { recursive: true })
    await symlink(outside, join(folder, 'sub'))
    await expect(store.commitFile(verified, file)).rejects.toMatchObject({
      code: 'HUB_UNSAFE_PATH',
    })
    expect(await readdir(outside)).toEqual([])
  })

  it.runIf(process.platform === 'linux')(
    'writes nothing outside when a folder is swapped in the last moment before the rename',
    async () => {
      const folder = await useTempDir()
      const outside = await useTempDir()
      const { store } = openDir(folder, {
        platform: {
          rename: async (from, to) => {
            if (to.endsWith('/x.bin')) {
              await rename(join(folder, 'sub'), join(folder, 'moved'))
              await symlink(outside, join(folder, 'sub'))
            }
            await rename(from, to)
          },
        },
      })
      await put(store, pinBytes('sub/x.bin', 'bytes'), 'bytes')
      expect(await readdir(outside)).toEqual([])
      expect(await readdir(join(folder, 'moved'))).toEqual(['x.bin'])
    },
  )

  it.each([
    '.cache',
    '.cache/huggingface',
    '.cache/huggingface/download',
    '.cache/huggingface/download/sub',
  ])('refuses records behind the link %s', async (name) => {
    const folder = await useTempDir()
    const outside = await useTempDir()
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await symlink(outside, join(folder, name))
    const { store } = openDir(folder)
    const file = pinBytes('sub/x', 'x')
    await expect(store.withFileLock(file, async () => {})).rejects.toMatchObject({
      code: 'HUB_UNSAFE_PATH',
    })
    await expect(store.stageFile(file)).rejects.toMatchObject({ code: 'HUB_UNSAFE_PATH' })
    expect(await readdir(outside)).toEqual([])
  })

  it.each(['refs', 'trees'])('refuses a listing or a ref behind the link %s', async (name) => {
    const folder = await useTempDir()
    const outside = await useTempDir()
    await mkdir(join(folder, '.cache/huggingface'), { recursive: true })
    await symlink(outside, join(folder, '.cache/huggingface', name))
    const { store } = openDir(folder)
    const writing =
      name === 'trees'
        ? store.writeTree(repo, commitC, [])
        : store.writeRevision(repo, { requested: 'main', commit: commitC })
    await expect(writing).rejects.toMatchObject({ code: 'HUB_UNSAFE_PATH' })
    expect(await readdir(outside)).toEqual([])
  })

  it('replaces a symbolic link in the place of a file, and leaves what it pointed at', async () => {
    const folder = await useTempDir()
    const outside = join(await useTempDir(), 'theirs')
    await writeFile(outside, 'theirs')
    await symlink(outside, join(folder, 'x.bin'))
    const { store } = openDir(folder)
    const path = await put(store, pinBytes('x.bin', 'bytes'), 'bytes')
    expect((await lstat(path)).isFile()).toBe(true)
    expect(await readFile(outside, 'utf8')).toBe('theirs')
  })

  it('works in a folder that is itself reached through a link', async () => {
    const real = await useTempDir()
    const link = join(await useTempDir(), 'link')
    await symlink(real, link)
    const { store } = openDir(link)
    expect(await put(store, pinBytes('a/x.bin', 'bytes'), 'bytes')).toBe(join(real, 'a/x.bin'))
  })

  it('WI-4: refuses the second of two names that the volume takes for one', async () => {
    const folder = await useTempDir()
    const { store } = openDir(folder, { platform: { foldsCase: async () => true } })
    await put(store, pinBytes('README.md', 'one'), 'one')
    const second = store.stageFile(pinBytes('readme.md', 'two'))
    await expect(second).rejects.toThrow('"readme.md" (it is the same file as README.md there)')
    await put(store, pinBytes('README.md', 'two'), 'two')
  })

  it('WI-4: refuses names that Windows keeps for itself, on Windows', async () => {
    const folder = await useTempDir()
    const { store } = openDir(folder, { platform: { os: 'win32', foldsCase: async () => true } })
    await expect(store.stageFile(pinBytes('sub/aux.txt', 'x'))).rejects.toMatchObject({
      code: 'HUB_UNSAFE_PATH',
    })
    expect(await readdir(folder)).toEqual([])
  })
})
