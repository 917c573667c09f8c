/** What a command may touch of the process. `run.ts` gives the real one, tests another. */
export interface CliIo {
  /** Results, and nothing else. */
  readonly out: (text: string) => void
  /** Everything else. */
  readonly err: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: NodeJS.ReadStream
  readonly stderr: NodeJS.WriteStream
  readonly stdout: NodeJS.WriteStream
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
}
