import type { Command } from 'commander'

/** Shown at the end of a command's help. The tests run each of them. */
export function withExamples(command: Command, lines: readonly string[]): Command {
  return command.addHelpText(
    'after',
    `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`,
  )
}
