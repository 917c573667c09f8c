import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { findLeaks, formsOf } from '../secrets/scan.mjs'

it('SE-3: a leak of each kind is found', async () => {
  const program = fileURLToPath(new URL('../test-secrets.mjs', import.meta.url))
  const failed: unknown = await promisify(execFile)(process.execPath, [program, '--plant']).catch(
    (error: unknown) => error,
  )
  expect(failed).toMatchObject({ code: 1 })
  const stdout: unknown = failed instanceof Error && 'stdout' in failed ? failed.stdout : ''
  for (const where of ['packages-http.out', 'spy', 'planted.txt', 'a command line'])
    expect(stdout).toMatch(new RegExp(`LEAK in (?:file )?${where}`))
}, 120_000)

it('a mark is found wherever it begins in base64, and so is a signature', () => {
  const forms = formsOf('MARK0123456789abcdef')
  for (const before of ['', 'u', 'us', 'use']) {
    const text = Buffer.from(`${before}MARK0123456789abcdef:more`).toString('base64')
    expect(findLeaks('x', `Basic ${text}`, forms)).toHaveLength(1)
  }
  expect(findLeaks('x', 'https://x/?a=b&Signature=abcdefgh12', forms)).toHaveLength(1)
  expect(findLeaks('x', 'https://x/?Signature=<signature>', forms)).toEqual([])
  expect(findLeaks('x', 'nothing at all', forms)).toEqual([])
})
