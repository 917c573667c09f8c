import tab from '@bomb.sh/tab/commander'
import { findNearestName, HubError } from '@hfx/core'
import type { Command } from 'commander'
import { shells } from '../shells.ts'

/** The script of a shell, on stdout. */
export function runCompletion(program: Command, shell: string): void {
  const known = shells.find((name) => name === shell)
  if (!known) {
    const near = findNearestName(shell, shells)
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: `${JSON.stringify(shell)} is not a shell that hfx knows`,
      hint: near === undefined ? `Use one of: ${shells.join(', ')}.` : `Did you mean ${near}?`,
    })
  }
  describe(program).setup('hfx', 'hfx', known)
}

/** Answers what the script asks at each press of the key: the words so far, the last one unfinished. */
export function runComplete(program: Command, words: readonly string[]): void {
  describe(program).parse([...words])
}

/** The command tree as the completion library wants it, with the choices of each flag. */
function describe(program: Command) {
  const root = tab(program, { completionCommandName: 'completion-script' })
  for (const [name, command] of root.commands) {
    const source = findCommand(program, name.split(' '))
    for (const { long, argChoices } of source?.options ?? []) {
      const option = command.options.get((long ?? '').replace(/^--/, ''))
      if (!option || !argChoices) continue
      option.handler = (complete) => {
        for (const choice of argChoices) complete(choice, '')
      }
    }
  }
  return root
}

function findCommand(program: Command, names: readonly string[]): Command | undefined {
  return names.reduce<Command | undefined>(
    (at, name) => at?.commands.find((command) => command.name() === name),
    program,
  )
}
