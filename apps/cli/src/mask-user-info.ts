/** An address without its user and password: up to the last `@`, as a password may hold one and the scheme be left out. */
export function maskUserInfo(address: string): string {
  return address.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1***@')
}
