/** One step of a compiled pattern. `any` is `*`; `one` is `?`. */
type Step =
  | { readonly kind: 'literal'; readonly char: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'any' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly CharRange[] }

type CharRange = readonly [from: string, to: string]

/**
 * Compiles a pattern with the meaning of Python's `fnmatchcase`, which the Hub's clients share: the whole path,
 * case-sensitive, `*` crosses `/`, `?` is one code point, `[a-c]` and `[!a]` are sets, nothing escapes, braces are literal.
 * Backslashes in pattern and path count as `/`; a pattern that ends in `/` means all that is below.
 *
 * No glob library has these rules (picomatch reads parentheses, braces and `[^…]` differently), and a backtracking
 * regular expression could be made slow by a hostile listing: this matcher is linear in pattern × path.
 */
export function compilePattern(pattern: string): (path: string) => boolean {
  const text = normalise(pattern).replace(/\/$/, '/*')
  const [, start = '', name = '', end = ''] = /^(\*?)([^*?[]*)(\*?)$/.exec(text) ?? []
  // What most patterns are needs no steps: `name`, `folder/*`, `*.ending`.
  if (`${start}${name}${end}` === text && start + end !== '**') {
    if (start) return (path) => normalise(path).endsWith(name)
    return end ? (path) => normalise(path).startsWith(name) : (path) => normalise(path) === name
  }
  const steps = parsePattern(text)
  return (path) => matches(steps, Array.from(normalise(path)))
}

/** True when the text can only match itself. */
export function isLiteral(pattern: string): boolean {
  return !/[*?[]/.test(pattern) && !/[/\\]$/.test(pattern)
}

/** The text with `/` between its parts. */
export function normalise(text: string): string {
  return text.includes('\\') ? text.replaceAll('\\', '/') : text
}

function parsePattern(pattern: string): readonly Step[] {
  const chars = Array.from(pattern)
  const steps: Step[] = []
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? ''
    const close = char === '[' ? findClose(chars, at) : -1
    if (char === '*') steps.push({ kind: 'any' })
    else if (char === '?') steps.push({ kind: 'one' })
    else if (close === -1) steps.push({ kind: 'literal', char })
    else {
      steps.push(parseSet(chars.slice(at + 1, close)))
      at = close
    }
  }
  return steps
}

/** Index of the `]` that ends a set; one that comes first (after `!`) is a member. -1: the `[` is literal. */
function findClose(chars: readonly string[], open: number): number {
  const firstMember = chars[open + 1] === '!' ? open + 2 : open + 1
  return chars.indexOf(']', chars[firstMember] === ']' ? firstMember + 1 : firstMember)
}

function parseSet(chars: readonly string[]): Step {
  const negated = chars[0] === '!'
  const members = negated ? chars.slice(1) : chars
  const ranges: CharRange[] = []
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? ''
    const to = members[at + 1] === '-' ? members[at + 2] : undefined
    ranges.push([from, to ?? from])
    if (to !== undefined) at += 2
  }
  return { kind: 'set', negated, ranges }
}

/** Two pointers and the last `*`: on a mismatch that star takes one more character. */
function matches(steps: readonly Step[], path: readonly string[]): boolean {
  let step = 0
  let at = 0
  let star = -1
  let starAt = 0
  while (at < path.length) {
    const current = steps[step]
    if (current?.kind === 'any') {
      star = step++
      starAt = at
    } else if (current && accepts(current, path[at] ?? '')) {
      step++
      at++
    } else if (star >= 0) {
      step = star + 1
      at = ++starAt
    } else return false
  }
  return steps.slice(step).every((rest) => rest.kind === 'any')
}

function accepts(step: Step, char: string): boolean {
  switch (step.kind) {
    case 'literal':
      return step.char === char
    case 'one':
    case 'any':
      return true
    case 'set':
      return step.negated !== step.ranges.some(([from, to]) => isWithin(char, from, to))
  }
}

function isWithin(char: string, from: string, to: string): boolean {
  const code = char.codePointAt(0) ?? 0
  return code >= (from.codePointAt(0) ?? 0) && code <= (to.codePointAt(0) ?? 0)
}
