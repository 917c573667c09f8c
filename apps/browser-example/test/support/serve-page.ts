import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['dist/index.html', 'text/html'],
  '/main.js': ['dist/main.js', 'text/javascript'],
}

/** The page as its sources are now, on an origin of its own. */
export async function servePage(): Promise<{ readonly url: string; close(): void }> {
  const home = new URL('../../', import.meta.url)
  await promisify(execFile)(process.execPath, [
    fileURLToPath(new URL('../../tooling/browser-page.mjs', home)),
  ])
  const server = createServer((request, response) => {
    const [file, type] = files[new URL(request.url ?? '', 'http://page').pathname] ?? []
    if (file === undefined || type === undefined) return void response.writeHead(404).end()
    readFile(new URL(file, home)).then(
      (text) => response.writeHead(200, { 'content-type': type }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() }
}
