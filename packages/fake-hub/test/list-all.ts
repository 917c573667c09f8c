import { ask } from './running-hub.ts'

/** One item of a tree listing, as far as the tests look at it. */
export interface Item {
  readonly path: string
  readonly type: string
  readonly xetHash?: string
  readonly lastCommit?: unknown
}

/** Follows `Link` from page to page. */
export async function listAll(first: string): Promise<{ items: Item[]; pages: number }> {
  const items: Item[] = []
  let pages = 0
  for (let next: string | undefined = first; next !== undefined; pages++) {
    const answer: Response = await ask(next)
    const page: Item[] = JSON.parse(await answer.text())
    items.push(...page)
    next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
  }
  return { items, pages }
}
