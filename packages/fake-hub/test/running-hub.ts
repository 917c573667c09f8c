import { afterEach } from 'vitest'
import { type FakeHub, type FakeHubOptions, type RepoSpec, startFakeHub } from '../src/index.ts'

const running: FakeHub[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((hub) => hub.close()))
})

/** `a/b` with a small file of git and a large one, which nobody could keep in memory. */
export const bigRepos: readonly RepoSpec[] = [
  {
    id: 'a/b',
    commits: [
      {
        files: {
          'x.txt': 'x\n',
          'big.bin': {
            lfs: true,
            generate: { sizeBytes: 2 ** 33, seed: 1 },
            trustSha256: 'e'.repeat(64),
          },
        },
      },
    ],
  },
]

/** A hub that ends with the test. */
export async function startTestHub(options: FakeHubOptions): Promise<FakeHub> {
  const hub = await startFakeHub(options)
  running.push(hub)
  return hub
}

/** Asks without following redirects. */
export function ask(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { redirect: 'manual', ...init })
}

export function bearer(token: string): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } }
}

/** Where an LFS file's bytes are. */
export async function locate(hub: FakeHub, path: string, init: RequestInit = {}): Promise<string> {
  const answer = await ask(`${hub.url}${path}`, init)
  await answer.arrayBuffer()
  return answer.headers.get('location') ?? ''
}

/** The body as JSON of the shape that the test expects; its assertions hold it to that. */
export async function readJson<T>(answer: Promise<Response>): Promise<T> {
  const value: T = JSON.parse(await (await answer).text())
  return value
}
