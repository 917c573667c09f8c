import { describe, expect, it, vi } from 'vitest'
import { findPythonClient, type PythonClient } from './python-client.ts'

/** Python is slow to start, and a loaded machine starts several at once. */
const testTimeout = 60_000

/** Tests against the real Python client, in a suite that says so when there is none. */
export function describeWithPython(title: string, define: (python: PythonClient) => void): void {
  const python = findPythonClient()
  const version = python ? `huggingface_hub ${python.version}` : 'skipped'
  vi.setConfig({ testTimeout })
  describe(`${title} (${version})`, () => (python ? define(python) : sayWhy()))
}

function sayWhy(): void {
  it('is skipped: HFX_PYTHON is not set, and python3 has no huggingface_hub', skipTest)
}

function skipTest({ skip }: { readonly skip: (note: string) => void }): void {
  expect(findPythonClient()).toBeUndefined()
  skip('set HFX_PYTHON to a Python with huggingface_hub')
}
