import { env } from 'node:process'

/**
 * How often a property is tried: `HFX_FUZZ_RUNS`, or so often that nobody waits for it. A failure prints its seed;
 * `HFX_FUZZ_SEED` tries that one again.
 */
export function fuzzRuns(usual = 300): { readonly numRuns: number; readonly seed?: number } {
  const runs = Number(env['HFX_FUZZ_RUNS'])
  const seed = Number(env['HFX_FUZZ_SEED'])
  return { numRuns: runs > 0 ? runs : usual, ...(seed > 0 ? { seed } : {}) }
}
