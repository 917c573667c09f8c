import type { LookupAddress } from 'node:dns'
import { createServer } from 'node:net'
import type { LookupFunction, Socket } from 'node:net'
import { useServer } from '@hfx/testing'
import { expect, it, onTestFinished } from 'vitest'
import { createFamilyMemory } from '../src/family-memory.ts'
import { createSocketShare } from '../src/open-socket.ts'
import { resolveHttpOptions } from '../src/options.ts'

const both: LookupAddress[] = [
  { address: '::1', family: 6 },
  { address: '127.0.0.1', family: 4 },
]
const lookup: LookupFunction = (_host, _options, callback) => process.nextTick(callback, null, both)

it('NW-1: a dead IP version costs one attempt, and none once the other has answered', async () => {
  // On IPv4 only: the attempt over IPv6 is refused.
  const port = await useServer(createServer())
  const share = createSocketShare(resolveHttpOptions({}), createFamilyMemory(lookup))
  const opener = await share.openerFor(new URL(`http://dual.example:${port}`))
  const attempts: string[] = []
  const connect = async (): Promise<Socket> => {
    const { socket, ready } = opener.open({ buffer: Buffer.alloc(16), callback: () => true })
    onTestFinished(() => void socket.destroy())
    socket.on('connectionAttempt', (address) => attempts.push(address))
    await ready
    return socket
  }
  await connect()
  expect(attempts).toEqual(['::1', '127.0.0.1'])
  await connect()
  expect(attempts).toEqual(['::1', '127.0.0.1', '127.0.0.1'])
})

it('the loser is still tried when the winner fails', async () => {
  const memory = createFamilyMemory(lookup)
  memory.note('dual.example', { remoteFamily: 'IPv4' })
  const find = (host: string): Promise<unknown> =>
    new Promise((resolve) => memory.lookup(host, { all: true }, (_error, found) => resolve(found)))
  expect(await find('dual.example')).toEqual(both.toReversed())
  // Its socket was closed before anybody could look.
  memory.note('dual.example', { remoteFamily: undefined })
  memory.note('dual.example', { remoteFamily: 'IPv6' })
  memory.note('dual.example', { remoteFamily: undefined })
  expect(await find('dual.example')).toEqual(both)
  expect(await find('other.example')).toEqual(both)
})
