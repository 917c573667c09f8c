import { type Answer, answerText } from '../answer.ts'
import { type RepoStore, type StoredRepo } from '../repo-store.ts'

/** `GET /`: the repositories that everyone may see. */
export function answerHomePage(store: RepoStore): Answer {
  const items = [...store.all()]
    .filter((repo) => repo.spec.private !== true)
    .map(
      (repo) =>
        `<li>${repo.type} <a href="${escapeHtml(pagePath(repo))}">${escapeHtml(repo.id)}</a>`,
    )
  return answerPage('hfx embedded Hub', `<ul>${items.join('')}</ul>`)
}

/** `GET /{id}`: what a person sees. */
export function answerRepoPage(repo: StoredRepo): Answer {
  const title = `${repo.type} ${repo.id}`
  return answerPage(
    title,
    `<p>Branches and tags: ${escapeHtml([...repo.refs.keys()].join(', '))}</p>`,
  )
}

function answerPage(title: string, content: string): Answer {
  const safe = escapeHtml(title)
  const page = `<!doctype html><meta charset="utf-8"><title>${safe}</title><h1>${safe}</h1>${content}`
  return answerText(200, page, { 'Content-Type': 'text/html; charset=utf-8' })
}

function pagePath(repo: StoredRepo): string {
  return repo.type === 'model' ? `/${repo.id}` : `/${repo.type}s/${repo.id}`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
