import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['dist/index.html', 'text/html'],
  '/main.js': ['dist/main.js', 'text/javascript'],
}

/**
 * A picture that comes when the page has said what became of its work: until then the page counts as loading, by the real
 * clock. A clock that runs ahead would make a slow machine look like a silent server.
 */
const watch = `<img src="/settled-picture" alt="" hidden><script>
  const timer = setInterval(() => {
    const [status, fault] = ['status', 'fault'].map((id) => document.getElementById(id).textContent)
    if (fault === '' && (status === '' || /^(listing|reading) /.test(status))) return
    clearInterval(timer)
    void fetch('/settled')
  }, 20)
</script></body>`

/** The page as its sources are now, on an origin of its own, loading until it has settled. */
export async function servePage(): Promise<{ readonly url: string; close(): void }> {
  const home = new URL('../../', import.meta.url)
  await promisify(execFile)(process.execPath, [
    fileURLToPath(new URL('../../tooling/browser-page.mjs', home)),
  ])
  const held = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://page')
    if (pathname === '/settled-picture') return void held.add(response)
    if (pathname === '/settled') {
      for (const picture of held) picture.writeHead(404).end()
      held.clear()
      return void response.writeHead(204).end()
    }
    const [file, type] = files[pathname] ?? []
    if (file === undefined || type === undefined) return void response.writeHead(404).end()
    readFile(new URL(file, home), 'utf8').then(
      (text) =>
        response.writeHead(200, { 'content-type': type }).end(text.replace('</body>', watch)),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() }
}
