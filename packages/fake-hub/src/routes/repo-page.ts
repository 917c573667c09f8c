import { type Answer, answerText } from '../answer.ts'
import { type StoredRepo } from '../repo-store.ts'

/** `GET /{id}`: what a person sees. */
export function answerRepoPage(repo: StoredRepo): Answer {
  const page = `<!doctype html><title>${repo.id}</title><h1>${repo.type} ${repo.id}</h1>`
  return answerText(200, page, { 'Content-Type': 'text/html; charset=utf-8' })
}
