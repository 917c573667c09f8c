import type { OptionSpec } from '../option-spec.ts'

/** Where files go and how they lie there. */
export const diskOptions: Readonly<
  Record<
    | 'cacheDir'
    | 'localDir'
    | 'layers'
    | 'policy'
    | 'symlinks'
    | 'shared'
    | 'readOnly'
    | 'forceSpace'
    | 'durable',
    OptionSpec
  >
> = {
  cacheDir: {
    kind: 'text',
    path: true,
    doc: 'The shared Hub cache.',
    default: '$HF_HOME/hub, that is ~/.cache/huggingface/hub',
    env: ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE'],
  },
  localDir: {
    path: true,
    kind: 'text',
    doc: 'Put real files into this folder instead of the shared cache.',
  },
  layers: {
    kind: 'list',
    path: true,
    doc: 'Caches that are only read, best first: a baked image, an NFS share.',
    env: ['HFX_LAYERS'],
  },
  policy: {
    kind: 'policy',
    doc: 'What the local copy may answer: cache-only, cache-first, revalidate, revalidate=<time> or network.',
    default: 'revalidate',
    env: ['HFX_POLICY'],
  },
  symlinks: {
    kind: 'boolean',
    doc: 'Make symbolic links in the cache; without, plain files.',
    default: 'true',
    env: ['HF_HUB_DISABLE_SYMLINKS'],
    inverted: true,
  },
  shared: {
    kind: 'choice',
    choices: ['user', 'group'],
    doc: 'Who may use new files of the cache.',
    default: 'user',
    env: ['HFX_SHARED'],
  },
  readOnly: {
    kind: 'boolean',
    doc: 'Write nothing into the cache.',
    default: 'false',
    env: ['HFX_READ_ONLY'],
  },
  forceSpace: {
    kind: 'boolean',
    doc: 'Start although the disk seems too small.',
    default: 'false',
    env: ['HFX_FORCE_SPACE'],
  },
  durable: {
    kind: 'boolean',
    doc: 'Flush files to the device before they get their final names.',
    default: 'false',
    env: ['HFX_DURABLE'],
  },
}
