import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type Environment,
  expandPath,
  hubHome,
  readEnvironment,
  resolveConfig,
} from '../src/index.ts'

/** Options by name, as the environment gives them. */
function read(env: Environment): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(readEnvironment(env)).map(([name, { value }]) => [name, value]),
  )
}

describe('variables of the Python client, read as it reads them', () => {
  it.each<[Environment, string]>([
    [{}, join(homedir(), '.cache', 'huggingface', 'hub')],
    [{ HOME: '/home/ada' }, '/home/ada/.cache/huggingface/hub'],
    [{ XDG_CACHE_HOME: '/xdg' }, '/xdg/huggingface/hub'],
    [{ XDG_CACHE_HOME: '/xdg', HF_HOME: '/hf' }, '/hf/hub'],
    [{ HF_HOME: '~/hf', HOME: '/home/ada' }, '/home/ada/hf/hub'],
    [{ HF_HOME: '$BASE/hf', BASE: '/base' }, '/base/hf/hub'],
    [{ HF_HOME: '/hf', HUGGINGFACE_HUB_CACHE: '/old' }, '/old'],
    [{ HUGGINGFACE_HUB_CACHE: '/old', HF_HUB_CACHE: '${BASE}/new', BASE: '/base' }, '/base/new'],
    [{ HF_HUB_CACHE: '', HF_HOME: '/hf' }, '/hf/hub'],
  ])('%j: the cache is in %s', (env, cacheDir) => {
    expect(read(env)['cacheDir']).toBe(cacheDir)
  })

  it.each([
    ['1', true],
    ['ON', true],
    ['Yes', true],
    ['true', true],
    ['0', false],
    ['2', false],
    ['whatever', false],
  ])('a truth value %j is %j', (text, isOn) => {
    expect(read({ HF_HUB_OFFLINE: text })['offline']).toBe(isOn)
    expect(read({ HF_HUB_DISABLE_SYMLINKS: text })['symlinks']).toBe(!isOn)
  })

  it('HF_HUB_OFFLINE=0 masks TRANSFORMERS_OFFLINE', () => {
    expect(read({ TRANSFORMERS_OFFLINE: '1' })['offline']).toBe(true)
    expect(read({ TRANSFORMERS_OFFLINE: '1', HF_HUB_OFFLINE: '0' })['offline']).toBe(false)
  })

  it('plain numbers are seconds in its timeouts, and zero means the default', () => {
    expect(read({ HF_HUB_ETAG_TIMEOUT: '3' })['etagTimeoutMs']).toBe(3000)
    expect(read({ HF_HUB_DOWNLOAD_TIMEOUT: '15' })['downloadTimeoutMs']).toBe(15_000)
    expect(read({ HF_HUB_ETAG_TIMEOUT: '0' })['etagTimeoutMs']).toBeUndefined()
    expect(() => read({ HF_HUB_ETAG_TIMEOUT: 'soon' })).toThrow(
      'the variable HF_HUB_ETAG_TIMEOUT gives etagTimeoutMs "soon"; expected a time',
    )
  })

  it.each([
    ['warning', 'warn'],
    ['CRITICAL', 'error'],
    ['chatty', 'warn'],
  ])('HF_HUB_VERBOSITY=%s is the level %s', (text, level) => {
    expect(read({ HF_HUB_VERBOSITY: text })['logLevel']).toBe(level)
  })

  it('the slash at the end of HF_ENDPOINT goes', () => {
    expect(read({ HF_ENDPOINT: 'http://localhost:1/hf//' })['endpoint']).toBe(
      'http://localhost:1/hf',
    )
  })
})

describe('progress', () => {
  it.each<[Environment, string | undefined, string | undefined]>([
    [{}, undefined, undefined],
    [{ HF_PROGRESS_MODE: 'progress' }, 'bars', 'HF_PROGRESS_MODE'],
    [{ HF_PROGRESS_MODE: 'LOGS' }, 'log', 'HF_PROGRESS_MODE'],
    [{ HF_HUB_DISABLE_PROGRESS: '1' }, 'none', 'HF_HUB_DISABLE_PROGRESS'],
    [{ HF_HUB_DISABLE_PROGRESS: '0' }, undefined, undefined],
    [{ HF_HUB_DISABLE_PROGRESS_BARS: '1' }, 'log', 'HF_HUB_DISABLE_PROGRESS_BARS'],
    [{ HF_HUB_DISABLE_PROGRESS_BARS: '0' }, 'bars', 'HF_HUB_DISABLE_PROGRESS_BARS'],
    [
      { HF_HUB_DISABLE_PROGRESS_BARS: '1', HF_PROGRESS_MODE: 'bars' },
      'log',
      'HF_HUB_DISABLE_PROGRESS_BARS',
    ],
    [{ HF_HUB_DISABLE_PROGRESS_BARS: '1', HF_PROGRESS_MODE: 'json' }, 'json', 'HF_PROGRESS_MODE'],
    [{ HF_PROGRESS_MODE: 'json', HF_HUB_DISABLE_PROGRESS: '1' }, 'json', 'HF_PROGRESS_MODE'],
  ])('%j: %s', (env, value, source) => {
    const found = readEnvironment(env)['progress']
    expect([found?.value, found?.source]).toEqual([value, source])
  })

  it('an unknown mode is an error that names the variable', async () => {
    await expect(resolveConfig({ env: { HF_PROGRESS_MODE: 'loud' } })).rejects.toThrow(
      'the variable HF_PROGRESS_MODE gives progress "loud"; expected one of auto, bars, log, json, none',
    )
  })
})

describe('paths', () => {
  it.each([
    ['~', '/home/ada'],
    ['~/x', '/home/ada/x'],
    ['~bob/x', '~bob/x'],
    ['$A/${B}/$C', 'a/b/$C'],
    ['/x~y', '/x~y'],
  ])('%s is %s', (path, expanded) => {
    expect(expandPath(path, { HOME: '/home/ada', A: 'a', B: 'b' })).toBe(expanded)
  })

  it('an empty HF_HOME counts as unset', () => {
    expect(hubHome({ HF_HOME: '', HOME: '/home/ada' })).toBe('/home/ada/.cache/huggingface')
  })
})
