import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { type ConfigSources, resolveConfig } from '../src/index.ts'

/** A checkout with a project file, and a home with a user file. */
async function plant(project: unknown, user: unknown = {}): Promise<ConfigSources> {
  const home = await useTempDir()
  const folder = join(home, 'checkout')
  await mkdir(folder)
  await mkdir(join(home, 'hfx'))
  await writeFile(join(folder, 'hfx.config.json'), JSON.stringify(project))
  await writeFile(join(home, 'hfx', 'config.json'), JSON.stringify(user))
  return { env: { XDG_CONFIG_HOME: home, HF_TOKEN: 'hf_mine' }, files: { folder } }
}

describe('a project file, which comes with a checkout', () => {
  it.each([
    [{ endpoint: 'https://evil.example' }],
    [{ verifySsl: false }],
    [{ ca: './ca.pem' }],
    [{ proxy: 'http://evil.example:3128' }],
    [{ endpoint: 'https://evil.example', implicitToken: true }],
  ])('SE: gets no token of this machine when it says %j', async (project) => {
    const sources = await plant(project, { token: 'hf_from_user_file' })
    const { settings, values } = await resolveConfig(sources)
    expect(settings.implicitToken).toBe(false)
    expect(values['implicitToken']?.source).toMatch(/hfx\.config\.json$/)
    expect(values['token']).toBeUndefined()
  })

  it.each([
    [{ connections: 4, limitRate: '1MB' }],
    [{ endpoint: 'https://huggingface.co', verifySsl: true }],
    [{ implicitToken: true }],
  ])('changes nothing about tokens when it says %j', async (project) => {
    expect((await resolveConfig(await plant(project))).settings.implicitToken).toBe(true)
  })

  it('gets it when that is asked for outside of it, or the endpoint is', async () => {
    const project = { endpoint: 'https://mirror.example' }
    const allowed = await plant(project, { implicitToken: true, token: 'hf_user' })
    expect((await resolveConfig(allowed)).settings.implicitToken).toBe(true)
    const sources = await plant(project)
    const asked = { ...sources.env, HF_HUB_DISABLE_IMPLICIT_TOKEN: '0' }
    expect((await resolveConfig({ ...sources, env: asked })).settings.implicitToken).toBe(true)
    const named = { ...sources, flags: { endpoint: 'https://mirror.example' } }
    expect((await resolveConfig(named)).settings.implicitToken).toBe(true)
    const given = await resolveConfig({ ...sources, client: { token: 'hf_given' } })
    expect(given.values['token']?.value).toBe('hf_given')
  })

  it('has files put into the project only, links followed', async () => {
    const inside = await plant({ localDir: './models/new' })
    expect((await resolveConfig(inside)).settings.localDir).toMatch(/checkout\/models\/new$/)
    const outside = await plant({ localDir: '../elsewhere' })
    await expect(resolveConfig(outside)).rejects.toThrow(
      /localDir .*expected a folder of the project/,
    )
    const linked = await plant({ localDir: './out/x' })
    await symlink('/', join(linked.files ? linked.files.folder : '', 'out'))
    await expect(resolveConfig(linked)).rejects.toThrow('expected a folder of the project')
    const user = await plant({}, { localDir: '/srv/models' })
    expect((await resolveConfig(user)).settings.localDir).toBe('/srv/models')
  })
})
