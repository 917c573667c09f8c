import { type RepoFile } from '@hfx/core'

/** A file that a choice leaves out, and why. */
export interface SkippedFile {
  readonly path: string
  /** Why, in a few words for a person. */
  readonly reason: string
}

/** What {@link selectWeights} keeps and what it leaves out. */
export interface WeightChoice {
  readonly selected: readonly RepoFile[]
  readonly skipped: readonly SkippedFile[]
}

/** Formats that hold the same weights as another, best first. Everything else in a repository is kept. */
type Format =
  | 'safetensors'
  | 'pytorch'
  | 'gguf'
  | 'tensorflow'
  | 'flax'
  | 'rust'
  | 'onnx'
  | 'openvino'
  | 'coreml'
  | 'tflite'

const preference: readonly Format[] = [
  'safetensors',
  'pytorch',
  'gguf',
  'tensorflow',
  'flax',
  'onnx',
  'openvino',
  'coreml',
  'tflite',
  'rust',
]

const names: Record<Format, string> = {
  safetensors: 'safetensors',
  pytorch: 'PyTorch',
  gguf: 'GGUF',
  tensorflow: 'TensorFlow',
  flax: 'Flax',
  rust: 'rust-bert',
  onnx: 'ONNX',
  openvino: 'OpenVINO',
  coreml: 'Core ML',
  tflite: 'TensorFlow Lite',
}

/**
 * Drops files that hold the same weights once more: other formats beside safetensors, vendor originals, consolidated
 * twins, precision variants, training state. A format that is the only one is kept.
 */
export function selectWeights(files: readonly RepoFile[]): WeightChoice {
  const facts = describeRepo(files)
  const selected: RepoFile[] = []
  const skipped: SkippedFile[] = []
  for (const file of files) {
    const reason = findReason(file.path, facts)
    if (reason === undefined) selected.push(file)
    else skipped.push({ path: file.path, reason })
  }
  return { selected, skipped }
}

interface RepoFacts {
  readonly paths: ReadonlySet<string>
  /** Formats of the weights outside folders that hold another edition. */
  readonly formats: ReadonlySet<Format>
  /** Formats of each folder. */
  readonly byFolder: ReadonlyMap<string, ReadonlySet<Format>>
  /** `model_index.json`: a diffusers pipeline, one folder for each component. */
  readonly isPipeline: boolean
}

function describeRepo(files: readonly RepoFile[]): RepoFacts {
  const formats = new Set<Format>()
  const byFolder = new Map<string, Set<Format>>()
  for (const { path } of files) {
    const format = formatOf(path)
    if (!format || isTrainingState(path)) continue
    const folder = folderOf(path)
    const known = byFolder.get(folder) ?? new Set<Format>()
    byFolder.set(folder, known.add(format))
    if (!editionOf(path)) formats.add(format)
  }
  const paths = new Set(files.map((file) => file.path))
  return { paths, formats, byFolder, isPipeline: paths.has('model_index.json') }
}

/** The rules, first match wins. */
function findReason(path: string, facts: RepoFacts): string | undefined {
  if (facts.formats.size > 0 && isTrainingState(path)) return 'training state, not weights'
  const edition = editionOf(path)
  if (edition)
    return facts.formats.size > 0 ? `another edition of the weights (${edition}/)` : undefined
  const format = formatOf(path) ?? formatOfIndex(path)
  if (!format) return undefined
  return (
    findBetterFormat(path, format, facts) ??
    findPipelineTwin(path, format, facts) ??
    findConsolidatedTwin(path, facts) ??
    findVariantTwin(path, facts)
  )
}

function findBetterFormat(path: string, format: Format, facts: RepoFacts): string | undefined {
  const here = facts.byFolder.get(folderOf(path)) ?? new Set()
  const best = preference.find((candidate) => here.has(candidate))
  if (best === undefined || best === format) return undefined
  return `the same weights as ${names[best]}, in ${names[format]}`
}

/** A pipeline's components hold what a checkpoint beside `model_index.json` holds in one file. */
function findPipelineTwin(path: string, format: Format, facts: RepoFacts): string | undefined {
  if (!facts.isPipeline || path.includes('/')) return undefined
  const inComponents = Array.from(facts.byFolder).some(
    ([folder, formats]) => folder !== '' && formats.has(format),
  )
  return inComponents ? 'a single-file twin of the pipeline components' : undefined
}

function findConsolidatedTwin(path: string, facts: RepoFacts): string | undefined {
  const folder = folderOf(path)
  if (!/^consolidated[.\-\d]*.*\.(safetensors|pth)$/.test(nameOf(path))) return undefined
  const hasModel = Array.from(facts.paths).some(
    (other) => folderOf(other) === folder && /^model.*\.safetensors$/.test(nameOf(other)),
  )
  return hasModel ? 'a consolidated twin of model*.safetensors' : undefined
}

const variantPattern = /\.(fp16|bf16|fp32|int8|non_ema|ema)(?=[.-])/

function findVariantTwin(path: string, facts: RepoFacts): string | undefined {
  const variant = variantPattern.exec(path)?.[1]
  if (variant === undefined) return undefined
  const plain = path.replace(variantPattern, '').replace(/-\d{5}-of-\d{5}(?=\.)/, '')
  const stem = plain.slice(0, plain.lastIndexOf('.'))
  const hasPlain = Array.from(facts.paths).some(
    (other) =>
      !variantPattern.test(other) && other.startsWith(stem) && formatOf(other) === formatOf(path),
  )
  return hasPlain ? `the ${variant} variant; name it to get it` : undefined
}

const editions = [
  'original',
  'metal',
  'coreml',
  'openvino',
  'onnx',
  'tflite',
  'flax',
  'tf',
] as const

/** A folder by whose name its weights are those of the repository once more. */
function editionOf(path: string): string | undefined {
  const [top] = path.split('/')
  if (!path.includes('/')) return undefined
  return (
    editions.find((edition) => edition === top?.toLowerCase()) ??
    (/\.mlpackage\//.test(path) ? 'mlpackage' : undefined)
  )
}

const formatPatterns: readonly (readonly [Format, RegExp])[] = [
  ['safetensors', /\.safetensors$/i],
  ['gguf', /\.gguf$/i],
  ['openvino', /^openvino_.*\.(bin|xml)$/i],
  ['onnx', /\.(onnx|onnx_data(_\d+)?|onnx\.data)$/i],
  ['tensorflow', /\.(h5|keras)$/i],
  ['flax', /\.msgpack$/i],
  ['rust', /\.ot$/i],
  ['tflite', /\.tflite$/i],
  ['coreml', /\.mlmodel$/i],
  // Not every `.bin` holds weights; `.pt`, `.pth` and `.ckpt` do unless they are training state.
  [
    'pytorch',
    /^((diffusion_)?pytorch_model|model|adapter_model|pytorch_lora_weights|open_clip_pytorch_model|consolidated).*\.bin$/i,
  ],
  ['pytorch', /\.(pt|pth|ckpt)$/i],
]

function formatOf(path: string): Format | undefined {
  const name = nameOf(path)
  return formatPatterns.find(([, pattern]) => pattern.test(name))?.[0]
}

/** An index belongs to the format whose shards it lists. */
function formatOfIndex(path: string): Format | undefined {
  const match = /^(.*\.(bin|safetensors|h5|msgpack))(?:\.fp16)?\.index(?:\.\w+)?\.json$/.exec(
    nameOf(path),
  )
  return match?.[1] === undefined ? undefined : formatOf(match[1])
}

function isTrainingState(path: string): boolean {
  return /^(optimizer|scheduler|scaler|rng_state.*|training_args|trainer_state|sampler)\.(pt|pth|bin)$/.test(
    nameOf(path),
  )
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
