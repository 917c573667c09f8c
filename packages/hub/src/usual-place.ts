import { sep } from 'node:path'

/** Where a file of a snapshot nearly always is: what is there need not be remembered path by path. */
export function usualPlace(folder: string, path: string): string {
  return `${folder}${sep}${sep === '/' ? path : path.replaceAll('/', sep)}`
}
