import type { Plugin } from 'vitest/config'

/** Names that only look like tokens. */
const noToken = /^hf_(?:token|home|hub|xet)(?:_|$)/

/**
 * Marks every token (`hf_…`) and password (`s3cr3t`) that a test makes up, so that one word finds them all, and lets a
 * spy see each error, event and log record of the packages. Only for `pnpm test:secrets`.
 */
export function markSecrets(mark: string): Plugin {
  return {
    name: 'mark-secrets',
    enforce: 'pre',
    transform(code, id) {
      if (id.includes('/node_modules/')) return undefined
      if (id.includes('/test/')) return markTest(code, mark)
      const tap = taps.find(({ file }) => id.endsWith(file))
      if (!tap) return undefined
      // A tap that has lost its place would see nothing and prove everything.
      if (!code.includes(tap.after))
        throw new Error(`${tap.file} does not hold ${tap.after} any more`)
      return code.replace(tap.after, `${tap.after}\n${tap.look}`)
    },
  }
}

function markTest(code: string, mark: string): string {
  return code
    .replace(/\bhf_[A-Za-z]\w{2,}/g, (token) =>
      noToken.test(token) ? token : `hf_${mark}${token.slice(3).replaceAll('_', '')}`,
    )
    .replaceAll('s3cr3t', `s3cr3t${mark}`)
}

const taps: readonly { readonly file: string; readonly after: string; readonly look: string }[] = [
  {
    file: '/core/src/errors.ts',
    after: 'this.code = init.code',
    look: "Reflect.get(globalThis, 'hfxSpy')?.('error', this)",
  },
  {
    file: '/core/src/logger.ts',
    after: 'const scrubbed = fields && scrubFields(fields)',
    look: "Reflect.get(globalThis, 'hfxSpy')?.('log', [redactText(message), scrubbed])",
  },
  {
    file: '/hub/src/event-bus.ts',
    after: 'function sink(event: HubEvent): void {',
    look: "Reflect.get(globalThis, 'hfxSpy')?.('event', event)",
  },
]
