/** The text of a listing while it is taken apart. */
interface Scan {
  depth: number
  inString: boolean
  escaped: boolean
  inFiles: boolean
  /** The listing without what is in `files`. */
  frame: string
  /** Members of `files` that have not been handed out; the last may be half. */
  members: string
}

/** What a listing says beside its files is some bytes; a bomb says more. */
const maxFrameChars = 64 * 1024

/**
 * Takes the text of a listing apart while it arrives: yields members of `files`, several whole ones at a time and
 * without the braces around them, and returns the text that is left, with `files` empty. What is no listing is left
 * to whoever parses the pieces.
 */
export async function* splitTree(text: AsyncIterable<string>): AsyncGenerator<string, string> {
  const scan: Scan = {
    depth: 0,
    inString: false,
    escaped: false,
    inFiles: false,
    frame: '',
    members: '',
  }
  for await (const chunk of text) {
    const members = readChunk(scan, chunk)
    if (members !== '') yield members
  }
  return scan.frame + scan.members
}

/** The members that are whole at the end of this chunk. */
function readChunk(scan: Scan, chunk: string): string {
  let start = 0
  let wholeChars = 0
  const keepUntil = (end: number): void => {
    keep(scan, chunk.slice(start, end))
    start = end
  }
  for (let at = 0; at < chunk.length; at += 1) {
    const sign = readSign(scan, chunk.charCodeAt(at))
    if (sign === 'enter') {
      keepUntil(at + 1)
      scan.inFiles = /"files"\s*:\s*\{$/.test(scan.frame)
    } else if (sign === 'next') {
      wholeChars = scan.members.length + at - start
    } else if (sign === 'leave') {
      keepUntil(at)
      wholeChars = scan.members.length
      scan.inFiles = false
    }
  }
  keepUntil(chunk.length)
  const whole = scan.members.slice(0, wholeChars)
  scan.members = scan.members.slice(wholeChars).replace(/^,/, '')
  return whole
}

function keep(scan: Scan, text: string): void {
  if (scan.inFiles) scan.members += text
  else scan.frame += text
  if (scan.frame.length > maxFrameChars) throw new TypeError('the listing holds more than files')
}

/** What a character means: an object of the listing begins, a member of its files ends, its files end, or nothing. */
function readSign(scan: Scan, unit: number): 'enter' | 'next' | 'leave' | undefined {
  if (isText(scan, unit)) return undefined
  switch (unit) {
    case 0x7b:
    case 0x5b:
      scan.depth += 1
      return scan.depth === 2 && !scan.inFiles ? 'enter' : undefined
    case 0x7d:
    case 0x5d:
      scan.depth -= 1
      return scan.depth === 1 && scan.inFiles ? 'leave' : undefined
    default:
      return unit === 0x2c && scan.depth === 2 && scan.inFiles ? 'next' : undefined
  }
}

/** True inside of a string, its quotes included. */
function isText(scan: Scan, unit: number): boolean {
  if (!scan.inString) {
    scan.inString = unit === 0x22
    return scan.inString
  }
  if (scan.escaped) scan.escaped = false
  else if (unit === 0x5c) scan.escaped = true
  else if (unit === 0x22) scan.inString = false
  return true
}
