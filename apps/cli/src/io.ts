/** What a command may touch of the process. `main.ts` gives the real one, tests another. */
export interface CliIo {
  /** Results, and nothing else. */
  readonly out: (text: string) => void
  /** Everything else. */
  readonly err: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stderr: NodeJS.WriteStream
  readonly stdout: NodeJS.WriteStream
  readonly signal: AbortSignal
}
