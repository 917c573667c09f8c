import { BlockList, isIP } from 'node:net'

/**
 * Reads NO_PROXY: a list of hosts separated by commas or spaces. `example.com`, `.example.com` and
 * `*.example.com` cover the domain and its subdomains; `host:port` one port; `10.0.0.0/8` and single addresses
 * cover literal addresses; `*` covers everything.
 */
export function createNoProxy(list: string): (url: URL) => boolean {
  const rules = list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(parseRule)
  return (url) => {
    const host = bareHost(url)
    const port = url.port || (url.protocol === 'https:' ? '443' : '80')
    return rules.some((matches) => matches(host, port))
  }
}

type Rule = (host: string, port: string) => boolean

function parseRule(entry: string): Rule {
  if (entry === '*') return () => true
  const cidr = parseCidr(entry)
  if (cidr) return cidr
  const { name, port } = splitPort(entry)
  const wanted = name.toLowerCase().replace(/^\*?\./, '')
  return (host, hostPort) =>
    (port === undefined || port === hostPort) &&
    // A suffix only counts at a dot: `hub.co` must not exempt `evilhub.co`. Addresses have no subdomains.
    (host === wanted || (isIP(host) === 0 && host.endsWith(`.${wanted}`)))
}

function parseCidr(entry: string): Rule | undefined {
  const match = /^\[?([^\]/]+)\]?\/(\d{1,3})$/.exec(entry)
  const [, address = '', bits = ''] = match ?? []
  const version = isIP(address)
  if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) return undefined
  const block = new BlockList()
  block.addSubnet(address, Number(bits), version === 4 ? 'ipv4' : 'ipv6')
  return (host) => isIP(host) === version && block.check(host, version === 4 ? 'ipv4' : 'ipv6')
}

function splitPort(entry: string): { readonly name: string; readonly port?: string } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(entry)
  if (bracketed) return named(bracketed[1] ?? '', bracketed[2])
  if (isIP(entry) === 6) return { name: entry }
  const [name = '', port] = entry.split(':')
  return named(name, port)
}

function named(
  name: string,
  port: string | undefined,
): { readonly name: string; readonly port?: string } {
  return port ? { name, port } : { name }
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}
