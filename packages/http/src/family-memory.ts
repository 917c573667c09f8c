import { lookup, type LookupAddress } from 'node:dns'
import type { LookupFunction, Socket } from 'node:net'

/** Which IP version last reached a host, so that a dead one costs its delay once and not for each connection. */
export interface FamilyMemory {
  /** Resolves names, the addresses of the winner first: the first is tried first. */
  readonly lookup: LookupFunction
  /** Notes over which version a connection came about. */
  note(host: string, socket: Pick<Socket, 'remoteFamily'>): void
}

export function createFamilyMemory(resolve: LookupFunction = lookup): FamilyMemory {
  const winners = new Map<string, number>()
  return {
    lookup(host, options, callback) {
      resolve(host, options, (error, found, family) => {
        const winner = winners.get(host)
        if (winner === undefined || typeof found === 'string') return callback(error, found, family)
        callback(error, byFamily(found, winner))
      })
    },
    note(host, { remoteFamily }) {
      if (remoteFamily !== undefined) winners.set(host, remoteFamily === 'IPv6' ? 6 : 4)
    },
  }
}

function byFamily(addresses: readonly LookupAddress[], winner: number): LookupAddress[] {
  const rank = ({ family }: LookupAddress): number => (family === winner ? 0 : 1)
  return addresses.toSorted((a, b) => rank(a) - rank(b))
}
