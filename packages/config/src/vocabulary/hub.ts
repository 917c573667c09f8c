import type { OptionSpec } from '../option-spec.ts'

/** Which Hub, as whom, and whether at all. */
export const hubOptions: Readonly<
  Record<
    'endpoint' | 'token' | 'implicitToken' | 'userAgent' | 'offline' | 'localFilesOnly',
    OptionSpec
  >
> = {
  endpoint: {
    kind: 'url',
    doc: 'Address of the Hub or of a mirror. The token goes to its origin only.',
    default: 'https://huggingface.co',
    env: ['HF_ENDPOINT'],
  },
  token: {
    kind: 'text',
    doc: 'Access token. Better kept in HF_TOKEN or by `hfx auth login` than in a file of a project.',
    env: ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'],
    secret: true,
  },
  implicitToken: {
    kind: 'boolean',
    doc: 'Send the stored token although nobody asked for it.',
    default: 'true',
    env: ['HF_HUB_DISABLE_IMPLICIT_TOKEN'],
    inverted: true,
  },
  userAgent: {
    kind: 'text',
    doc: 'Appended to the user agent, as in my-tool/1.2.',
    env: ['HF_HUB_USER_AGENT_ORIGIN'],
  },
  offline: {
    kind: 'boolean',
    doc: 'Never touch the network.',
    default: 'false',
    env: ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'],
  },
  localFilesOnly: {
    kind: 'boolean',
    doc: 'The same as offline, for one call or client.',
    default: 'false',
  },
}
