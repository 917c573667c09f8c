import type { Command } from 'commander'
import { withExamples } from '../examples.ts'
import { shells } from '../shells.ts'

/** `create` makes the tree that is completed; the library adds commands of its own to it. */
export function addCompletion(program: Command, create: () => Command): void {
  const command = program
    .command('completion')
    .description('print the script that completes hfx in your shell')
    .argument('<shell>', shells.join(', '))
  withExamples(command, ['hfx completion bash'])
  command.action(async (shell: string) => {
    const { runCompletion } = await import('../actions/completion.ts')
    runCompletion(create(), shell)
  })
  // What the script calls at each press of the key. It must not touch the network.
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (words: string[]) => {
      const { runComplete } = await import('../actions/completion.ts')
      runComplete(create(), words)
    })
}
