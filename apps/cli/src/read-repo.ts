import { HubError } from '@hfx/core'

/** What a repository argument says. */
export interface RepoArgument {
  /** Without the quantisation. */
  readonly repo: string
  /** `Q4_K_M` of `org/name:Q4_K_M`. */
  readonly quant?: string
}

/** True for what names a repository beyond doubt: `hf://…` or a URL. */
export function isAddress(text: string): boolean {
  return /^(hf|https?):\/\//i.test(text)
}

/** Splits `org/name:QUANT`. Addresses have no quantisation. */
export function parseRepoArgument(text: string): RepoArgument {
  const colon = isAddress(text) ? -1 : text.indexOf(':')
  if (colon === -1) return { repo: text }
  const quant = text.slice(colon + 1)
  if (/^[\w-]+$/.test(quant)) return { repo: text.slice(0, colon), quant }
  throw new HubError({
    code: 'HUB_INVALID_REPO_ID',
    message: `${JSON.stringify(quant)} in ${JSON.stringify(text)} is not a quantisation`,
    hint: 'Write it as in org/name:Q4_K_M.',
  })
}
