import type { CachePolicy, LogLevel } from '@hfx/core'
import { invalidValue, unknownOption } from './config-error.ts'
import { findProjectFile, findUserFile, readConfigFile } from './config-file.ts'
import type { Layer } from './layer.ts'
import { checkProjectPlaces, limitProject } from './limit-project.ts'
import { type OptionValue, parseText, parseValue } from './parse-value.ts'
import { type Environment, readEnvironment } from './read-environment.ts'
import type { Settings } from './settings.ts'
import { isOptionName, type OptionName, optionNames, vocabulary } from './vocabulary.ts'

/** Options as a program gives them: each in its own type, or as text. Undefined counts as not given. */
export type GivenOptions = Readonly<Record<string, unknown>>

/** Every place that may say what an option is, the strongest first. */
export interface ConfigSources {
  /** Options of one call. */
  readonly call?: GivenOptions
  /** Options of the client. */
  readonly client?: GivenOptions
  /** Options from the command line. */
  readonly flags?: GivenOptions
  readonly env: Environment
  /** Folder whose project file counts, or `false` for no files at all. @default false */
  readonly files?: { readonly folder: string } | false
}

/** Every option with its value and where it came from. */
export interface ResolvedConfig {
  readonly settings: Settings
  /** By option: `call`, `client`, `flag`, the variable, the file, or `default`. Only what has a value. */
  readonly values: Layer
}

/**
 * The options in force: call, client, flags, environment, project file, user file, defaults, in this order.
 * A project file cannot send tokens of this machine elsewhere, nor files out of the project.
 * @throws HubError `HUB_INVALID_CONFIG` naming source, option and what was expected
 */
export async function resolveConfig(sources: ConfigSources): Promise<ResolvedConfig> {
  const { project, layers: files } = await readFiles(sources)
  const layers = [
    readGiven('call', sources.call),
    readGiven('client', sources.client),
    readGiven('flag', sources.flags),
    readEnvironment(sources.env),
    ...files,
    defaultLayer,
  ]
  const values = limitProject(mergeLayers(layers), project)
  return { settings: toSettings(values), values }
}

/** The first layer that names an option decides. */
function mergeLayers(layers: readonly Layer[]): Layer {
  const values: Record<string, Layer[string]> = {}
  for (const layer of layers) {
    for (const [name, found] of Object.entries(layer)) {
      const known = values[name]
      if (!known || impliedSources.has(known.source)) values[name] = found
    }
  }
  return values
}

/** Where no variable names the cache, a file may: what the environment only implies comes last. */
const impliedSources: ReadonlySet<string> = new Set(['default', 'XDG_CACHE_HOME'])

interface Files {
  /** The project's file, where there is one. */
  readonly project: string | undefined
  readonly layers: readonly Layer[]
}

async function readFiles(sources: ConfigSources): Promise<Files> {
  if (!sources.files) return { project: undefined, layers: [] }
  const project = await findProjectFile(sources.files.folder)
  const user = await findUserFile(sources.env)
  const ofProject = project === undefined ? {} : await readConfigFile(project, sources.env)
  if (project !== undefined) await checkProjectPlaces(ofProject, project)
  const ofUser = user === undefined ? {} : await readConfigFile(user, sources.env)
  return { project, layers: [ofProject, ofUser] }
}

const givers = { call: 'the call', client: 'the client', flag: 'the command line' } as const

/** @throws HubError for an unknown option or a value of the wrong kind */
export function readGiven(source: keyof typeof givers, given: GivenOptions = {}): Layer {
  const layer: Record<string, Layer[string]> = {}
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    if (!isOptionName(name)) throw unknownOption(givers[source], name)
    const parsed = parseValue(vocabulary[name], value)
    if ('expected' in parsed)
      throw invalidValue({ where: givers[source], name, given: value, ...parsed })
    layer[name] = { value: parsed.value, source }
  }
  return layer
}

/** Where the reference's words for a default are a value. */
const defaultLayer: Layer = Object.fromEntries(
  optionNames.flatMap((name) => {
    const spec = vocabulary[name]
    if (spec.kind === 'text' || spec.default === undefined) return []
    const parsed = parseText(spec, spec.default)
    return 'value' in parsed ? [[name, { value: parsed.value, source: 'default' }] as const] : []
  }),
)

function toSettings(values: Layer): Settings {
  const read = createReader(values)
  return {
    ...readPlaces(read),
    ...readTimes(read),
    ...readLimits(read),
    ...readNetwork(read),
    ...readShow(read),
  }
}

type Reader = ReturnType<typeof createReader>

function readPlaces(read: Reader) {
  return {
    endpoint: read.text('endpoint'),
    implicitToken: read.flag('implicitToken'),
    cacheDir: read.text('cacheDir'),
    layers: read.list('layers') ?? [],
    policy: read.policy(),
    symlinks: read.flag('symlinks'),
    shared: read.text('shared') === 'group' ? ('group' as const) : ('user' as const),
    readOnly: read.flag('readOnly'),
    durable: read.flag('durable'),
    forceSpace: read.flag('forceSpace'),
    ...read.optionalText('localDir'),
    ...read.optionalText('userAgent'),
  }
}

function readTimes(read: Reader) {
  return {
    connectTimeoutMs: read.number('connectTimeoutMs'),
    etagTimeoutMs: read.number('etagTimeoutMs'),
    requestTimeoutMs: read.number('requestTimeoutMs'),
    downloadTimeoutMs: read.number('downloadTimeoutMs'),
    stallTimeoutMs: read.number('stallTimeoutMs'),
    maxRetries: read.number('maxRetries'),
    retryIntervalMs: read.number('retryIntervalMs'),
    maxRetryWaitMs: read.number('maxRetryWaitMs'),
    ...read.optionalNumber('deadlineMs'),
  }
}

function readLimits(read: Reader) {
  return {
    maxWorkers: read.number('maxWorkers'),
    partBytes: read.number('partBytes'),
    maxBufferedBytes: read.number('maxBufferedBytes'),
    minBytesPerSecond: read.number('minBytesPerSecond'),
    minSpeedWindowMs: read.number('minSpeedWindowMs'),
    ...read.optionalNumber('connections'),
    ...read.optionalNumber('limitRate'),
    ...read.optionalNumber('byteBudget'),
    ...read.optionalNumber('requestsPerWindow'),
  }
}

function readNetwork(read: Reader) {
  const proxy = read.optionalText('proxy')['proxy']
  const origins = read.list('allowedOrigins')
  return {
    verifySsl: read.flag('verifySsl'),
    ipFamily: readFamily(read.text('ipFamily')),
    ...(proxy === undefined ? {} : { proxy: proxy === 'none' ? (false as const) : proxy }),
    ...(origins === undefined ? {} : { allowedOrigins: origins }),
    ...read.optionalText('ca'),
    ...read.optionalText('cert'),
    ...read.optionalText('key'),
  }
}

function readFamily(text: string): Settings['ipFamily'] {
  if (text === '4') return 4
  return text === '6' ? 6 : 'auto'
}

const progressModes = ['auto', 'bars', 'log', 'json', 'none'] as const
const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

function readShow(read: Reader) {
  const progress = read.text('progress')
  const level = read.text('logLevel')
  return {
    progress: progressModes.find((mode) => mode === progress) ?? ('auto' as const),
    logLevel: levels.find((one) => one === level) ?? ('warn' as const),
    detailedLogs: read.flag('detailedLogs'),
  }
}

/** Reads checked values in their types; a value of another type cannot be, and counts as not given. */
function createReader(values: Layer) {
  const of = (name: OptionName): OptionValue | undefined => values[name]?.value
  return {
    text(name: OptionName): string {
      const value = of(name)
      return typeof value === 'string' ? value : ''
    },
    number(name: OptionName): number {
      const value = of(name)
      return typeof value === 'number' ? value : 0
    },
    flag: (name: OptionName): boolean => of(name) === true,
    list(name: OptionName): readonly string[] | undefined {
      const value = of(name)
      return Array.isArray(value) ? value : undefined
    },
    policy(): CachePolicy {
      if (of('offline') === true || of('localFilesOnly') === true) return { kind: 'cache-only' }
      const value = of('policy')
      return typeof value === 'object' && 'kind' in value ? value : { kind: 'revalidate', ttlMs: 0 }
    },
    optionalText<const N extends OptionName>(name: N): { readonly [K in N]?: string } {
      const value = of(name)
      return typeof value === 'string' && value !== '' ? only(name, value) : {}
    },
    optionalNumber<const N extends OptionName>(name: N): { readonly [K in N]?: number } {
      const value = of(name)
      return typeof value === 'number' ? only(name, value) : {}
    },
  }
}

function only<const N extends string, V>(name: N, value: V): { readonly [K in N]?: V } {
  const made: { [K in N]?: V } = {}
  made[name] = value
  return made
}
