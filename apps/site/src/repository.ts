import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the repository that the site is made of. */
export const root: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')

/** Where the repository can be read. */
export const repositoryUrl = 'https://github.com/hfx-dev/hfx'
