import { describe, expect, it } from 'vitest'
import { main } from '../src/progress-and-logging.ts'
import { play, recordsOf, useStage } from './fixtures.ts'

describe('progress and logging', () => {
  it('draws bars on a terminal, writes pino records and counts for Prometheus', async () => {
    const { env } = await useStage()
    const { exitCode, lines, text, drawn } = await play(main, {
      args: ['acme/open'],
      env: { ...env, TERM: 'xterm' },
      isTTY: true,
    })
    expect(exitCode).toBe(0)
    expect(drawn).toContain('acme/open')
    expect(drawn).toContain('\u001B')
    const records = recordsOf(lines)
    expect(records.length).toBeGreaterThan(7)
    expect(records).toContainEqual(expect.objectContaining({ repo_id: 'acme/open' }))
    expect(records.every((record) => record['level'] === 30 && record['time'])).toBe(true)
    expect(text).toMatch(/7 files: 3\.\d+ MB to fetch, 0 B here/)
    expect(text).toMatch(/^7 files in .*\/s$/m)
    expect(text).toMatch(/^hfx_fetched_bytes_total \d+/m)
    expect(text).not.toContain('hf_ada_token')
  })

  it('writes lines where there is no terminal, and says what is here already', async () => {
    const { env } = await useStage()
    await play(main, { args: ['acme/open'], env })
    const { text, drawn } = await play(main, { args: ['acme/open'], env })
    expect(drawn).not.toContain('\u001B')
    expect(text).toMatch(/7 files: 0 B to fetch, 3\.\d+ MB here/)
  })
})
