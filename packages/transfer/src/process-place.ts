import { createHash } from 'node:crypto'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { errnoOf } from './disk-error.ts'

/** A short name for the place in which process ids of this process mean something. */
export async function describePlace(): Promise<string> {
  const [boot, namespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(absent),
    readlink('/proc/self/ns/pid').catch(absent),
  ])
  const place = [hostname(), boot.trim(), namespace].join('\n')
  return createHash('sha256').update(place).digest('hex').slice(0, 16)
}

// Only Linux tells; elsewhere the host's name has to do.
function absent(): string {
  return ''
}

/** True when a process of this place runs under the id. */
export function isProcessAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) === 'EPERM'
  }
}
