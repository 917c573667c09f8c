import { join } from 'node:path'
import type { UserConfig } from 'vitepress'
import { root } from './repository.ts'

type Plugin = NonNullable<NonNullable<UserConfig['vite']>['plugins']>[number]

/** Pages stand all over the repository, where Vue is not installed: for each of them it is looked for from here. */
export function resolveVueFromHere(): Plugin {
  const here = join(root, 'apps', 'site', 'src', 'theme.ts')
  return {
    name: 'vue-for-pages',
    enforce: 'pre',
    resolveId(source, importer, options) {
      const isOurs = /^vue(?:\/|$)/.test(source) && importer?.replace(/\?.*$/, '').endsWith('.md')
      return isOurs ? this.resolve(source, here, { ...options, skipSelf: true }) : undefined
    },
  }
}
