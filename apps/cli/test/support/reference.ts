import type { Command } from 'commander'
import { exitCodeRows } from '../../src/exit-code.ts'
import type { CliIo } from '../../src/io.ts'
import { createProgram } from '../../src/program.ts'

export interface DescribedCommand {
  readonly name: string
  readonly command: Command
  readonly help: string
}

/** Every command with its help at 100 columns, parents before children. */
export function listCommands(): readonly DescribedCommand[] {
  const texts: string[] = []
  const io: CliIo = {
    out: (text) => texts.push(text),
    err: (text) => texts.push(text),
    env: { COLUMNS: '100' },
    cwd: '/',
    stdin: process.stdin,
    stderr: process.stderr,
    stdout: process.stdout,
    signal: new AbortController().signal,
  }
  return walk(createProgram(io), '').map(({ name, command }) => {
    texts.length = 0
    command.configureOutput({ getOutHelpWidth: () => 100 })
    command.outputHelp()
    return { name, command, help: texts.join('') }
  })
}

function walk(command: Command, parent: string): { name: string; command: Command }[] {
  const name = `${parent} ${command.name()}`.trim()
  const children = command.commands.filter((child) => !['complete'].includes(child.name()))
  return [{ name, command }, ...children.flatMap((child) => walk(child, name))]
}

/** The reference page: prose where prose is needed, the help of each command as it is printed. */
export function renderReference(commands: readonly DescribedCommand[]): string {
  const sections = commands.map(
    ({ name, help }) => `## ${name}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`,
  )
  const width = Math.max(...exitCodeRows.map(([, meaning]) => meaning.length))
  const codes = exitCodeRows.map(
    ([code, meaning]) => `| ${String(code).padStart(4)} | ${meaning.padEnd(width)} |`,
  )
  return `${intro}
## Exit codes

| code | ${'meaning'.padEnd(width)} |
| ---: | ${'-'.repeat(width)} |
${codes.join('\n')}

${sections.join('\n')}`
}

const intro = `# The command \`hfx\`

Made from the program itself; a test holds the two together.

**Output.** The result goes to stdout and nothing else does; progress, summaries, questions and errors go to stderr.
\`--format human\` (the default) is for eyes, \`json\` is one document, \`ndjson\` one document a line, \`quiet\` (\`-q\`) only
names or paths. \`--json\` is \`--format json\`. Documents have raw bytes (\`sizeBytes\`), milliseconds (\`durationMs\`) and
ISO 8601 dates; fields are added, never renamed. Colours are left out where no terminal is, and with \`NO_COLOR\`.

**Errors** are one sentence, their code in brackets, and after \`→\` the next step; [errors](errors.md) explains every code.
With \`HFX_DEBUG=1\` the stack follows.

**Questions** default to no. Without a terminal, or with a JSON format, they are an error that names the flag to give.

**Ctrl-C** ends a command within a second and keeps what is downloaded; the same command goes on from there. A second
Ctrl-C ends it at once. SIGTERM is the same.

**Tokens** are read from \`HF_TOKEN\`, the token file, or standard input (\`hfx auth login\`), never from the command line:
other users of a machine can read that.

**Shapes.** \`download\`: \`{ repo, type, revision, commit, path, files: [{ path, localPath, sizeBytes, source,
fetchedBytes }], totalBytes, fetchedBytes, durationMs, stale, skipped? }\`, a list of them for several repositories,
\`--from\` and \`--frozen\`. \`download --plan\`: \`{ repo, type, revision, commit, files: [{ path, sizeBytes, state,
doneBytes? }], totalBytes, cachedBytes, resumeBytes, fetchBytes, diskBytes, requests, skipped? }\`. \`ls\`: \`[{ path,
sizeBytes, blobId, sha256?, xetHash? }]\`. \`cache ls\`: \`[{ id, repoId, repoType, revision?, folder, sizeBytes, fileCount,
refs, lastAccessed, lastModified }]\`. The lock file has a schema: \`packages/hub/schema/hf-lock-1.schema.json\`.
`
