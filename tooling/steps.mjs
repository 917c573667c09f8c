/**
 * @typedef {object} StepResult
 * @property {string} name
 * @property {number} seconds
 * @property {'ok' | 'failed' | 'skipped'} outcome
 * @property {string} [note] What a step that passed had to leave out.
 */

/** Thrown by a step that cannot run here; the message says why. */
export class Skip extends Error {}

/**
 * @param {string} name
 * @param {() => Promise<string | void>} work may answer with what it had to leave out
 * @returns {Promise<StepResult>}
 */
export async function runStep(name, work) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(3, 72 - name.length))}`)
  const startedMs = performance.now()
  const { outcome, note } = await work().then(
    (left) => ({ outcome: 'ok', note: left ?? undefined }),
    (error) => ({ outcome: describeFailure(error), note: undefined }),
  )
  const seconds = (performance.now() - startedMs) / 1000
  console.log(`── ${name}: ${outcome} in ${seconds.toFixed(1)} s`)
  return {
    name,
    seconds,
    outcome: /** @type {StepResult['outcome']} */ (outcome),
    ...(note === undefined ? {} : { note }),
  }
}

/** @param {unknown} error */
function describeFailure(error) {
  if (error instanceof Skip) {
    console.log(`skipped: ${error.message}`)
    return 'skipped'
  }
  console.error(error instanceof Error ? error.message : String(error))
  return 'failed'
}

/**
 * A table of where the time went.
 * @param {readonly StepResult[]} results
 * @returns {string}
 */
export function formatSteps(results) {
  const width = Math.max(...results.map((result) => result.name.length))
  const rows = results.map(
    (result) =>
      `  ${result.name.padEnd(width)}  ${result.seconds.toFixed(1).padStart(7)} s  ${result.outcome}${result.note === undefined ? '' : `, ${result.note}`}`,
  )
  const total = results.reduce((sum, result) => sum + result.seconds, 0)
  return [...rows, `  ${'total'.padEnd(width)}  ${total.toFixed(1).padStart(7)} s`].join('\n')
}
