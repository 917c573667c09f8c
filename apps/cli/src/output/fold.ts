/** Text in lines of at most `width` characters, broken between words; a longer word stays whole. */
export function fold(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** A text behind `prefix`; further lines begin under its first word, unless that leaves them no room. */
export function hang(prefix: string, text: string, width: number): string {
  const room = width - prefix.length
  if (room < 16) return `${prefix}${text}`
  return `${prefix}${fold(text, room).join(`\n${' '.repeat(prefix.length)}`)}`
}
