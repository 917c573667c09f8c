import { HubError, type RepoFile } from '@hfx/core'

/** One GGUF model of a repository at one quantisation, with all its shards. */
export interface GgufVariant {
  /** `Q4_K_M`, `IQ2_XS`, `UD-Q4_K_XL`, `BF16`, in capitals. */
  readonly quant: string
  /** Path without shard number and ending. */
  readonly stem: string
  readonly files: readonly RepoFile[]
  readonly sizeBytes: number
}

const quantPattern =
  /(?:^|[-._/])((?:UD-)?(?:I?Q\d+(?:_(?:K|NL|XXS|XS|XL|S|M|L|\d+))*|TQ\d_\d|BF16|FP?16|FP?32|MXFP4(?:_MOE)?))(?=[-._/]|$)/gi

/** The GGUF models of a listing, by quantisation and then size. Projectors (`mmproj`) are left out. */
export function listGgufVariants(files: readonly RepoFile[]): readonly GgufVariant[] {
  const variants = new Map<string, RepoFile[]>()
  for (const file of files) {
    if (!/\.gguf$/i.test(file.path) || isProjector(file.path)) continue
    const stem = file.path.replace(/\.gguf$/i, '').replace(/[-.]\d{5}-of-\d{5}$/, '')
    variants.set(stem, [...(variants.get(stem) ?? []), file])
  }
  return Array.from(variants, ([stem, shards]) => ({
    quant: quantOf(stem),
    stem,
    files: shards,
    sizeBytes: shards.reduce((sum, file) => sum + file.sizeBytes, 0),
  })).toSorted((a, b) => a.sizeBytes - b.sizeBytes || a.stem.localeCompare(b.stem, 'en'))
}

/** What comes along with the model that {@link selectQuant} chooses. */
export interface QuantOptions {
  /** Take the vision projector (`mmproj*.gguf`) along. @default false */
  readonly mmproj?: boolean
}

/**
 * All shards of the one GGUF model that `quant` names: exactly (`Q4_K_M`, case does not count), or by its beginning
 * (`Q4`) where only one begins so.
 * @throws HubError `HUB_NO_MATCH` when none does, `HUB_INVALID_OPTION` when several do; both list the choices.
 */
export function selectQuant(
  files: readonly RepoFile[],
  quant: string,
  options: QuantOptions = {},
): readonly RepoFile[] {
  const variants = listGgufVariants(files)
  const wanted = quant.toUpperCase()
  const exact = variants.filter((variant) => variant.quant === wanted)
  const found =
    exact.length > 0 ? exact : variants.filter((variant) => variant.quant.startsWith(wanted))
  const [only, ...others] = found
  if (!only) throw noSuchQuant(quant, variants)
  if (others.length > 0) throw ambiguousQuant(quant, found)
  requireAllShards(only)
  const projectors = options.mmproj ? files.filter((file) => isProjector(file.path)) : []
  return [...only.files, ...projectors]
}

/** The last word that looks like one: model names may hold others (`Qwen3-Q8-distill-Q4_K_M`). */
function quantOf(stem: string): string {
  const found = Array.from(stem.matchAll(quantPattern), (match) => match[1] ?? '')
  return (found.at(-1) ?? '').toUpperCase()
}

function isProjector(path: string): boolean {
  return /(^|[/\-_.])mmproj/i.test(path) && /\.gguf$/i.test(path)
}

/** `-00001-of-00003` says how many there must be. */
function requireAllShards(variant: GgufVariant): void {
  const count = Number(/-of-(\d{5})\.gguf$/i.exec(variant.files[0]?.path ?? '')?.[1] ?? 1)
  if (variant.files.length === count) return
  throw new HubError({
    code: 'HUB_BAD_RESPONSE',
    message: `${variant.stem} has ${variant.files.length} of ${count} shards in the repository`,
    hint: 'The repository is incomplete; ask its owner.',
  })
}

function noSuchQuant(quant: string, variants: readonly GgufVariant[]): HubError {
  const choices = listQuants(variants)
  return new HubError({
    code: 'HUB_NO_MATCH',
    message:
      variants.length === 0
        ? 'the repository has no GGUF file'
        : `no GGUF file is quantised as ${JSON.stringify(quant)}`,
    ...(choices ? { hint: `It has: ${choices}.` } : {}),
  })
}

function ambiguousQuant(quant: string, found: readonly GgufVariant[]): HubError {
  const sameQuant = new Set(found.map((variant) => variant.quant)).size === 1
  return new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `${JSON.stringify(quant)} could mean ${found.length} GGUF models`,
    hint: sameQuant
      ? `Name the file: ${found.map((variant) => variant.files[0]?.path ?? '').join(', ')}.`
      : `Say which: ${listQuants(found)}.`,
  })
}

function listQuants(variants: readonly GgufVariant[]): string {
  return Array.from(new Set(variants.map((variant) => variant.quant || variant.stem))).join(', ')
}
