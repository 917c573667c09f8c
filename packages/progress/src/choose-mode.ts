/** How progress is shown; `auto` looks at the terminal and the environment. */
export type ProgressMode = 'auto' | 'bars' | 'log' | 'json' | 'none'

/** Environment variables, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The mode in force. What was asked for wins; `auto` follows the environment: `HF_PROGRESS_MODE`,
 * `HF_HUB_DISABLE_PROGRESS`, `HF_HUB_DISABLE_PROGRESS_BARS=0`, `FORCE_PROGRESS_BAR`, `TQDM_POSITION=-1`; else bars on a
 * terminal that can draw, log lines in CI, containers and pipes. With `HF_HUB_DISABLE_PROGRESS_BARS=1` there are no
 * bars, whoever asks for them: log lines stand in, as nothing overrides that variable in the Python client.
 */
export function chooseMode(
  asked: ProgressMode,
  env: Environment,
  terminal: { readonly isTTY: boolean },
): Exclude<ProgressMode, 'auto'> {
  const wanted =
    asked === 'auto' ? (modeNames[read(env, 'HF_PROGRESS_MODE').toLowerCase()] ?? 'auto') : asked
  const mode = wanted === 'auto' ? followEnvironment(env, terminal) : wanted
  return mode === 'bars' && isTrue(read(env, 'HF_HUB_DISABLE_PROGRESS_BARS')) ? 'log' : mode
}

function followEnvironment(
  env: Environment,
  terminal: { readonly isTTY: boolean },
): 'bars' | 'log' | 'none' {
  if (isTrue(read(env, 'HF_HUB_DISABLE_PROGRESS'))) return 'none'
  // Set at all it decides: anything but true asks for bars.
  if (read(env, 'HF_HUB_DISABLE_PROGRESS_BARS') !== '') return 'bars'
  return isForced(env) || (terminal.isTTY && canDraw(env)) ? 'bars' : 'log'
}

function isForced(env: Environment): boolean {
  return isTrue(read(env, 'FORCE_PROGRESS_BAR')) || read(env, 'TQDM_POSITION') === '-1'
}

function canDraw(env: Environment): boolean {
  return (
    read(env, 'TERM') !== 'dumb' && !isTrue(read(env, 'CI')) && !isTrue(read(env, 'GITHUB_ACTIONS'))
  )
}

function read(env: Environment, name: string): string {
  return env[name] ?? ''
}

/** Colours: off with `NO_COLOR`, on with `FORCE_COLOR`, else where a terminal is. */
export function wantsColour(env: Environment, terminal: { readonly isTTY: boolean }): boolean {
  if (env['NO_COLOR']) return false
  const force = env['FORCE_COLOR'] ?? ''
  if (force !== '') return force !== '0'
  return terminal.isTTY && env['TERM'] !== 'dumb'
}

const modeNames: Readonly<Record<string, ProgressMode>> = {
  auto: 'auto',
  bars: 'bars',
  progress: 'bars',
  log: 'log',
  logs: 'log',
  json: 'json',
  none: 'none',
}

function isTrue(text: string): boolean {
  return /^(1|on|yes|true)$/i.test(text)
}
