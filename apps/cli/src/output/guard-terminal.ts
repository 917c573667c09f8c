/**
 * Text for a terminal, whoever wrote its words: line ends, tabs and our own colours pass; what else could move the
 * cursor, write to the clipboard or turn text around is shown as �. Behind every write, so that no place can forget it.
 */
export function guardTerminal(text: string): string {
  return text.replace(/\p{Cc}(?:\[[\d;]*m)?|\p{Bidi_Control}/gu, (match) =>
    isHarmless(match) ? match : `\uFFFD${match.slice(1)}`,
  )
}

function isHarmless(match: string): boolean {
  return /^[\n\t]/.test(match) || (match.startsWith('\u001B') && match.length > 1)
}
