import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './root.mjs'
import { listWorkspace } from './workspace.mjs'

/**
 * @typedef {object} TestTotals
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {{ file: string, seconds: number }[]} files Slowest first.
 */

/**
 * Adds up what vitest wrote to `.results/vitest.json` in each folder.
 * @param {readonly string[]} folders
 * @returns {TestTotals}
 */
export function sumResults(folders) {
  const reports = folders
    .map((folder) => join(folder, '.results', 'vitest.json'))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')))
  const files = reports
    .flatMap((report) => report.testResults)
    .map((file) => ({
      file: relative(root, file.name),
      seconds: (file.endTime - file.startTime) / 1000,
    }))
  /** @param {string} key */
  const sum = (key) => reports.reduce((total, report) => total + report[key], 0)
  return {
    passed: sum('numPassedTests'),
    failed: sum('numFailedTests'),
    skipped: sum('numPendingTests') + sum('numTodoTests'),
    files: files.toSorted((a, b) => b.seconds - a.seconds),
  }
}

/** Prints the totals of every package's last run, and the files that took longest. */
export function printResults() {
  const folders = [...listWorkspace().map((entry) => entry.folder), join(root, 'tooling')]
  const { passed, failed, skipped, files } = sumResults(folders)
  console.log('\nslowest test files')
  for (const { file, seconds } of files.slice(0, 8))
    console.log(`  ${seconds.toFixed(1).padStart(6)} s  ${file}`)
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`)
}
