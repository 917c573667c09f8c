// Preloaded into a client (node --import): every asynchronous write waits as on a disk of BENCH_DISK_BYTES_PER_SECOND.
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'

const bytesPerSecond = Number(process.env['BENCH_DISK_BYTES_PER_SECOND'])
let freeAtMs = 0

/** One queue for all writers, as a disk has. */
async function waitForDisk(bytes: number): Promise<void> {
  const nowMs = performance.now()
  freeAtMs = Math.max(freeAtMs, nowMs) + (bytes / bytesPerSecond) * 1000
  await sleep(freeAtMs - nowMs)
}

type Write = (...args: unknown[]) => unknown

function isWrite(value: unknown): value is Write {
  return typeof value === 'function'
}

function countBytes([data, , length]: readonly unknown[]): number {
  if (Array.isArray(data)) return data.reduce<number>((sum, part) => sum + countBytes([part]), 0)
  if (!ArrayBuffer.isView(data)) return 0
  return typeof length === 'number' ? length : data.byteLength
}

const fs: unknown = createRequire(import.meta.url)('node:fs')
if (typeof fs !== 'object' || fs === null) throw new TypeError('node:fs is no object')
for (const name of ['write', 'writev']) {
  const real: unknown = Reflect.get(fs, name)
  if (!isWrite(real)) throw new TypeError(`node:fs has no ${name}`)
  Reflect.set(fs, name, (...args: unknown[]) => {
    void waitForDisk(countBytes(args.slice(1))).then(() => Reflect.apply(real, fs, args))
  })
}
syncBuiltinESMExports()
