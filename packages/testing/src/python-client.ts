import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { useTempDir } from './temp-dir.ts'

/** What a test wants of the Python client: the name of an action of `client.py`, and its arguments. */
export type PythonRequest = Readonly<{ do: string; [argument: string]: unknown }>

/** `HF_*` variables of the Python process. None of this process are handed on. */
export type PythonEnv = Readonly<Record<string, string>>

/** What the client returned, and the warnings that it logged on the way. */
export interface PythonAnswer {
  readonly value: unknown
  readonly said: readonly string[]
}

/** A Python process that is still running. */
export interface PythonRun {
  readonly process: ChildProcess
  /** The first line it prints. */
  readonly firstLine: Promise<string>
  readonly answer: Promise<PythonAnswer>
}

/** What a command has printed, and how it ended. */
export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The real `huggingface_hub`, run in processes of its own: the fake Hub lives in this one. */
export interface PythonClient {
  readonly version: string
  /** What an action returns. @throws PythonError where the client raises. */
  ask(request: PythonRequest, variables?: PythonEnv): Promise<unknown>
  /** The same, with what was logged. */
  answer(request: PythonRequest, variables?: PythonEnv): Promise<PythonAnswer>
  /** Starts an action and lets it run. It is killed when the test ends. */
  start(request: PythonRequest, variables?: PythonEnv): Promise<PythonRun>
  /** Runs the client's command: `hf cache ls`. */
  hf(args: readonly string[], variables?: PythonEnv): Promise<CommandResult>
}

/** An exception of the Python client. */
export class PythonError extends Error {
  override readonly name = 'PythonError'
  /** Name of the exception's class. */
  readonly type: string
  constructor(type: string, message: string) {
    super(`${type}: ${message}`)
    this.type = type
  }
}

/**
 * The client of the Python which `HFX_PYTHON` names, else that of `python3`, where it has one.
 * @throws Error when `HFX_PYTHON` names a Python without `huggingface_hub`: what was asked for is not left out
 */
export function findPythonClient(): PythonClient | undefined {
  const named = env['HFX_PYTHON']
  const command = named ?? 'python3'
  const code = 'import huggingface_hub; print(huggingface_hub.__version__)'
  const { status, stdout, stderr, error } = spawnSync(command, ['-c', code], { encoding: 'utf8' })
  if (status === 0) return createPythonClient(command, stdout.trim())
  if (named === undefined || named === '') return undefined
  throw new Error(`HFX_PYTHON is ${named}, which cannot be used:\n${error?.message ?? stderr}`)
}

const script = fileURLToPath(new URL('../python/client.py', import.meta.url))

function createPythonClient(command: string, version: string): PythonClient {
  async function start(request: PythonRequest, variables: PythonEnv = {}): Promise<PythonRun> {
    const child = spawn(command, [script, JSON.stringify(request)], {
      env: await makeEnv(variables),
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const lines = new Promise<string>((resolve) => {
      child.stdout.once('data', (chunk) => resolve(String(chunk).trim()))
    })
    const answered = collect(child).then(readAnswer)
    // A test that only starts a process, and kills it, asks for no answer.
    answered.catch(() => {})
    return { process: child, firstLine: lines, answer: answered }
  }
  async function answer(request: PythonRequest, variables?: PythonEnv): Promise<PythonAnswer> {
    return (await start(request, variables)).answer
  }
  return {
    version,
    start,
    answer,
    ask: async (request, variables) => (await answer(request, variables)).value,
    async hf(args, variables = {}) {
      const code = 'import sys; from huggingface_hub.cli.hf import main; sys.argv[0] = "hf"; main()'
      return collect(spawn(command, ['-c', code, ...args], { env: await makeEnv(variables) }))
    },
  }
}

/** A home of its own, so that no login, setting or cache of this machine has a say. */
async function makeEnv(variables: PythonEnv): Promise<Record<string, string>> {
  return {
    PATH: env['PATH'] ?? '',
    HF_HOME: variables['HF_HOME'] ?? (await useTempDir()),
    HF_ENDPOINT: 'http://127.0.0.1:9',
    HF_HUB_DISABLE_TELEMETRY: '1',
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
    HF_HUB_DISABLE_UPDATE_CHECK: '1',
    HF_HUB_DISABLE_XET: '1',
    NO_COLOR: '1',
    ...variables,
  }
}

async function collect(child: ChildProcess): Promise<CommandResult> {
  const stdout: string[] = []
  const stderr: string[] = []
  child.stdout?.on('data', (chunk) => stdout.push(String(chunk)))
  child.stderr?.on('data', (chunk) => stderr.push(String(chunk)))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code: code ?? -1, stdout: stdout.join(''), stderr: stderr.join('') }
}

/** @throws PythonError for an exception of the client, Error for anything else that went wrong */
function readAnswer({ stdout, stderr, code }: CommandResult): PythonAnswer {
  const last = stdout.trim().split('\n').at(-1) ?? ''
  if (code !== 0 || last === '') throw new Error(`python ended with ${code}:\n${stderr}`)
  const answer: unknown = JSON.parse(last)
  if (isAnswer(answer)) return answer
  if (isFailure(answer)) throw new PythonError(answer.error, answer.message)
  throw new TypeError(`no answer of Python: ${last}`)
}

function isAnswer(value: unknown): value is PythonAnswer {
  return typeof value === 'object' && value !== null && 'value' in value && 'said' in value
}

function isFailure(value: unknown): value is { readonly error: string; readonly message: string } {
  return typeof value === 'object' && value !== null && 'error' in value && 'message' in value
}
