import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './root.mjs'

/**
 * Settings for every tool we start: no telemetry, no update notices, no questions.
 * @type {Readonly<Record<string, string>>}
 */
export const quietEnv = {
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  NO_UPDATE_NOTIFIER: '1',
  npm_config_update_notifier: 'false',
  npm_config_fund: 'false',
  npm_config_audit: 'false',
}

/**
 * Path of a tool that the root's package.json names.
 * @param {string} name
 */
export function bin(name) {
  return join(root, 'node_modules', '.bin', name)
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] The whole environment; `process.env` with {@link quietEnv} by default.
 * @property {boolean} [capture] Collect stdout instead of showing it.
 * @property {boolean} [quiet] Collect stderr too, and show it only on failure.
 */

/** A command that ended with a code other than 0. */
export class CommandError extends Error {
  /**
   * @param {string} command
   * @param {number} code
   * @param {string} output
   */
  constructor(command, code, output) {
    super(`${command} failed with exit code ${code}${output ? `\n${output}` : ''}`)
    this.name = 'CommandError'
    this.code = code
    this.output = output
  }
}

/**
 * Runs a command to its end. Resolves with what it wrote to stdout (empty unless `capture`).
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string>}
 */
export function run(command, args, options = {}) {
  const collect = options.capture || options.quiet
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? { ...process.env, ...quietEnv },
    stdio: ['ignore', collect ? 'pipe' : 'inherit', options.quiet ? 'pipe' : 'inherit'],
    // npm's launchers are .cmd files on Windows, which only a shell can start.
    shell: process.platform === 'win32' && command !== process.execPath,
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => reject(new Error(`cannot start ${command}`, { cause })))
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout)
      const shown = [command, ...args].join(' ')
      reject(new CommandError(shown, code ?? 1, signal ? `ended by ${signal}` : stdout + stderr))
    })
  })
}
