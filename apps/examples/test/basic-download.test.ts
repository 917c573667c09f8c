import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { main } from '../src/basic-download.ts'
import { play, useStage } from './fixtures.ts'

describe('basic download', () => {
  it('brings one file, lists the others, and brings all of them into a folder', async () => {
    const { hub, folder, env } = await useStage()
    const downloads = join(folder, 'downloads')
    const asked: string[] = []
    const { exitCode, lines } = await play(main, {
      args: ['acme/open', downloads],
      env,
      confirm: (question) => Promise.resolve(asked.push(question) === 1),
    })
    expect(exitCode).toBe(0)
    expect(lines[0]).toMatch(/^config\.json is at .*snapshots.*config\.json$/)
    expect(lines.filter((line) => line.endsWith('.txt'))).toHaveLength(5)
    expect(lines.some((line) => line.endsWith('  model.bin'))).toBe(true)
    expect(asked).toEqual([expect.stringMatching(/^Download 3\..*MB into .*downloads\?$/)])
    expect(lines.at(-1)).toContain(`7 files of commit ${hub.commit('acme/open')}`)
    expect((await readdir(downloads)).filter((name) => !name.startsWith('.'))).toHaveLength(7)
    expect(await readFile(join(downloads, 'config.json'), 'utf8')).toBe('{}\n')
  })

  it('stops at a no', async () => {
    const { folder, env } = await useStage()
    const { exitCode } = await play(main, {
      args: ['acme/open', join(folder, 'downloads')],
      env,
      confirm: () => Promise.resolve(false),
    })
    expect(exitCode).toBe(0)
    expect(await readdir(folder)).not.toContain('downloads')
  })

  it('tells what is wrong and what to do', async () => {
    const { env } = await useStage()
    const { exitCode, text } = await play(main, { args: ['acme/nope'], env })
    expect(exitCode).toBe(1)
    expect(text).toContain('HUB_')
    expect(text).toContain('acme/nope')
    expect(text).not.toContain('hf_ada_token')
  })
})
