import type { Command } from 'commander'
import type { CliIo } from '../io.ts'

/** Pages that `hfx help <topic>` prints besides the help of commands. */
export const topics = ['exit-codes', 'config', 'environment'] as const

/** `hfx help <topic>`; for anything else, `help` is commander's. */
export function addHelpTopics(program: Command, io: CliIo): void {
  program
    .command('help')
    .description(`print the help of a command, or of a topic: ${topics.join(', ')}`)
    .argument('[words...]', 'a command, or a topic')
    .action(async (words: string[]) => {
      const topic = topics.find((name) => name === words[0])
      if (topic !== undefined) {
        const { renderTopic } = await import('../output/help-topic.ts')
        io.out(renderTopic(topic, io.stdout.columns || 80))
        return
      }
      findCommand(program, words).outputHelp()
    })
}

function findCommand(program: Command, words: readonly string[]): Command {
  let at = program
  for (const word of words) {
    const next = at.commands.find(
      (command) => command.name() === word || command.aliases().includes(word),
    )
    if (!next) at.error(`error: there is no command or topic '${word}'`)
    else at = next
  }
  return at
}
