/** The fields of printed documents that tests look at one by one. */
export interface Output {
  readonly path: string
  readonly repo: string
  readonly type: string
  readonly version: string
  readonly fetchedBytes: number
  readonly durationMs: number
  readonly skipped: unknown
  readonly files: readonly { readonly path: string }[]
  readonly repos: readonly unknown[]
}

/** One document of stdout. */
export function parseOutput(text: string): Output {
  const output: Output = JSON.parse(text)
  return output
}

/** A list of documents: a JSON array, or a line each. */
export function parseOutputs(text: string): readonly Output[] {
  if (!text.startsWith('[')) return text.trim().split('\n').map(parseOutput)
  const outputs: readonly Output[] = JSON.parse(text)
  return outputs
}
