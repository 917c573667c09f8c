import { isHubError } from '@hfx/core'
import { formatBytes } from '@hfx/progress'
import { formatDump } from './format-dump.ts'
import { openRepo, type OpenRepo } from './open-repo.ts'

const mostBytes = 256
const asked = new URLSearchParams(location.search)
const endpoint = asked.get('endpoint') ?? 'https://huggingface.co'
const find = (id: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(id)
  if (!found) throw new TypeError(`the page has no ${id}`)
  return found
}
const [status, fault, dump, table] = ['#status', '#fault', '#bytes', '#files'].map(find)

/** Shows what goes on, and what went wrong with its next step. */
async function show(what: string, work: () => Promise<string>): Promise<void> {
  if (!status || !fault) return
  status.textContent = what
  fault.textContent = ''
  try {
    status.textContent = await work()
  } catch (error) {
    status.textContent = ''
    fault.textContent = isHubError(error)
      ? `${error.message}. ${error.hint ?? ''} (${error.code})`
      : String(error)
  }
}

async function list(id: string): Promise<string> {
  const repo = await openRepo(endpoint, id)
  table?.replaceChildren(...repo.files.map((file) => renderRow(repo, file.path, file.sizeBytes)))
  const wanted = asked.get('file')
  if (wanted !== null) await showStart(repo, wanted)
  return `${id} at ${repo.commit.slice(0, 7)}: ${repo.files.length} files`
}

function renderRow(repo: OpenRepo, path: string, sizeBytes: number): HTMLElement {
  const row = document.createElement('tr')
  const button = document.createElement('button')
  button.textContent = path
  button.addEventListener('click', () => {
    void show(`reading ${path}`, async () => {
      await showStart(repo, path)
      return `the first bytes of ${path}`
    })
  })
  row.insertCell().append(button)
  row.insertCell().textContent = formatBytes(sizeBytes)
  return row
}

async function showStart(repo: OpenRepo, path: string): Promise<void> {
  const bytes = await repo.readStart(path, mostBytes)
  if (!dump) return
  dump.textContent = formatDump(bytes)
  dump.hidden = false
}

const form = document.querySelector('form')
const input = form?.querySelector('input')
form?.addEventListener('submit', (event) => {
  event.preventDefault()
  const id = input?.value.trim() ?? ''
  void show(`listing ${id}`, () => list(id))
})
const first = asked.get('repo')
if (first !== null && input) {
  input.value = first
  void show(`listing ${first}`, () => list(first))
}
