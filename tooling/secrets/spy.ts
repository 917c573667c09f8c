// In each test process of `pnpm test:secrets`: writes down what the packages tell, and leaks on demand.
import { spawn } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { subscribe } from 'node:diagnostics_channel'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { inspect } from 'node:util'

const sink = env['HFX_SECRETS_SINK'] ?? ''

function spy(kind: string, value: unknown): void {
  // An error is complete only when its constructor has returned.
  queueMicrotask(() => {
    const shown = value instanceof Error ? withoutOwn(value) : value
    appendFileSync(sink, `${kind} ${inspect(shown, { depth: 9, showHidden: true })}\n`)
  })
}

/** An error with its causes, without those that a test has made itself: it may put a secret into them, to see it gone. */
function withoutOwn(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (isOfTest(error)) return 'an error of the test'
  const members = Object.entries(error).filter(([name]) => name !== 'cause' && name !== 'errors')
  const errors = error instanceof AggregateError ? { errors: error.errors.map(withoutOwn) } : {}
  const { name, message, stack } = error
  const cause = withoutOwn(error.cause)
  return { name, message, stack, cause, ...errors, ...Object.fromEntries(members) }
}

function isOfTest(error: Error): boolean {
  const made = error.stack?.split('\n').find((line) => /^\s+at (?!new \w*Error )/.test(line))
  return made !== undefined && made.includes('/test/') && !made.includes('node_modules')
}

Reflect.set(globalThis, 'hfxSpy', spy)
for (const name of ['hfx.request.start', 'hfx.request.end', 'hfx.event'])
  subscribe(name, (message) => spy('channel', message))

/** One leak of each kind, to see that it is found. */
if (env['HFX_SECRETS_PLANT'] !== undefined) {
  const secret = `hf_${env['HFX_SECRET_MARK'] ?? ''}`
  spy('planted', new Error(`planted in an error: ${secret}`))
  process.stdout.write(
    `planted in the output: ${Buffer.from(`user:${secret}`).toString('base64')}\n`,
  )
  writeFileSync(join(tmpdir(), 'planted.txt'), `planted in a file: ${secret}`)
  spawn(process.execPath, ['-e', 'setTimeout(() => {}, 1000)', secret], { stdio: 'ignore' })
}
