/** The candidate that a mistyped name most likely meant; undefined when none is near. Case, blanks and dashes do not count. */
export function findNearestName(name: string, candidates: Iterable<string>): string | undefined {
  // Nobody mistypes a page of text, and comparing one would take long.
  const wanted = simplify(name.slice(0, 80))
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    const distance = distanceOf(wanted, simplify(candidate))
    const limit = Math.max(2, Math.floor(candidate.length / 3))
    if (distance <= limit && distance < (best?.distance ?? Infinity))
      best = { name: candidate, distance }
  }
  return best?.name
}

function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}

/** Insertions, deletions and substitutions that turn one name into the other. */
function distanceOf(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [row, letter] of a.split('').entries()) {
    const current = [row + 1]
    for (const [column, other] of b.split('').entries()) {
      const change = (previous[column] ?? 0) + (letter === other ? 0 : 1)
      current.push(Math.min(change, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    previous = current
  }
  return previous.at(-1) ?? 0
}
