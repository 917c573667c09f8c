/**
 * The blob that a file of `blobs/` is or will be: a partial, and the journal of its transfer, begin with its name and
 * share its lock.
 */
export function etagOf(name: string): string {
  return name.replace(/(?:\.[0-9a-f]{8})?(?:\.[0-9a-f]{8}\.journal)?\.incomplete$/, '')
}
