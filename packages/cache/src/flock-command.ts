import { spawn } from 'node:child_process'
import type { FdLocker } from './fd-lock.ts'
import type { NoLock } from './lock-backend.ts'

/**
 * flock(1) on a descriptor that it inherits. The lock belongs to the open file, which we share with it, so it stays
 * with us when the command has ended.
 */
export function createFlockCommand(command = 'flock'): FdLocker {
  return { name: 'flock', lockFd: (fd) => runFlock(command, fd) }
}

function runFlock(command: string, fd: number): Promise<'held' | NoLock> {
  return new Promise((resolve) => {
    const child = spawn(command, ['-x', '-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] })
    child.once('error', () => resolve('absent'))
    child.once('exit', (code) => {
      if (code === 0) return resolve('held')
      resolve(code === 1 ? 'busy' : 'unsupported')
    })
  })
}
