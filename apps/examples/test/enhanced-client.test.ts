import { describe, expect, it } from 'vitest'
import { main } from '../src/enhanced-client.ts'
import { play, recordsOf, useStage } from './fixtures.ts'

describe('enhanced client', () => {
  it('lists three kinds of repository and shows what wrong input is answered with', async () => {
    const { hub, env } = await useStage()
    const args = ['acme/open', 'acme/data', 'acme/app']
    const { exitCode, lines, text } = await play(main, { args, env })
    expect(exitCode).toBe(0)
    expect(lines).toContain('7 files in acme/open')
    expect(lines).toContain('datasets/acme/data/train.csv')
    expect(lines).toContain('1 files in spaces/acme/app')
    expect(lines.filter((line) => line.startsWith('acme/open/'))).toHaveLength(5)
    expect(text).toContain('config.json from the hub')
    const codes = ['HUB_INVALID_REPO_ID', 'HUB_INVALID_PATH', 'HUB_ENTRY_NOT_FOUND', 'HUB_NO_MATCH']
    expect(lines.flatMap((line) => /^HUB_\w+/.exec(line) ?? [])).toEqual(codes)
    expect(recordsOf(lines)).toContainEqual(
      expect.objectContaining({ level: 'debug', message: 'stored' }),
    )
    expect(hub.requests[0]?.headers['user-agent']).toContain('my-app/1.0')
  })
})
