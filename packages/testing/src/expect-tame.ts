import { isHubError } from '@hfx/core'

/** What a parser may do with anything at all: answer, or throw an error of ours that a person can read. */
export function tame<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    throwWild(error)
    return undefined
  }
}

/** The same for one that answers later. */
export async function tameLater<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    throwWild(error)
    return undefined
  }
}

function throwWild(error: unknown): void {
  const isOurs = isHubError(error) || (error instanceof Error && error.name === 'WireError')
  if (!isOurs) throw error
  if (error.message.length > 4000) throw new Error(`an error of ${error.message.length} letters`)
  if (/[\p{Bidi_Control}]|[^\P{Cc}\n]/u.test(error.message))
    throw new Error(`an error that plays with the terminal: ${JSON.stringify(error.message)}`)
}
