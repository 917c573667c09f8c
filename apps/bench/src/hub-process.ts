import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type Blob } from './blobs.ts'
import { type Certificate } from './start-nginx.ts'

/** What a Hub process serves: one repository, `bench/repo`. */
export interface HubPlan {
  readonly blobs: readonly { readonly path: string; readonly blob: Blob }[]
  readonly smallFiles: number
  /** Before each answer of the Hub and of its own data origin. */
  readonly latencyMs: number
  /** Where the bytes of blobs are; the Hub's own data origin when undefined. */
  readonly cdnUrl: string | undefined
  /** Per connection, of the Hub's own data origin. */
  readonly cdnBytesPerSecond: number | undefined
  readonly tls: Certificate | undefined
}

export type HubOrder = ({ readonly kind: 'serve' } & HubPlan) | { readonly kind: 'count' }

export type HubReply =
  | { readonly kind: 'ready'; readonly url: string; readonly commit: string }
  | ({ readonly kind: 'counts' } & HubCounts)

export interface HubCounts {
  readonly requests: number
  /** Those to `/api`, apart from the bytes of git files. */
  readonly metadataRequests: number
  /** By the Hub's own data origin. */
  readonly sentBytes: number
  /** From its first request to its last byte. */
  readonly dataMs: number
}

/** The API side: a fake Hub in another process. */
export interface HubProcess {
  readonly url: string
  readonly commit: string
  readonly plan: HubPlan
  /** Every file of the repository. */
  readonly paths: readonly string[]
  /** What it has answered since the last call. */
  takeCounts(): Promise<HubCounts>
  stop(): Promise<void>
}

export async function startHubProcess(plan: HubPlan): Promise<HubProcess> {
  const child = fork(new URL('serve-hub.js', import.meta.url), { execArgv: [] })
  const ready = await ask(child, { kind: 'serve', ...plan })
  if (ready.kind !== 'ready') throw new Error(`the Hub answered "${ready.kind}" to a start`)
  if (plan.smallFiles > 0) await warmUp(ready.url)
  return {
    url: ready.url,
    commit: ready.commit,
    plan,
    paths: [...plan.blobs.map(({ path }) => path), ...smallFilePaths(plan.smallFiles)],
    async takeCounts() {
      const counts = await ask(child, { kind: 'count' })
      if (counts.kind !== 'counts') throw new Error(`the Hub answered "${counts.kind}" to a count`)
      return counts
    },
    async stop() {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}

/** The Hub hashes its files when they are first asked for: that is nobody's time. */
async function warmUp(url: string): Promise<void> {
  let next: string | undefined = `${url}/api/models/bench/repo/tree/main?recursive=true`
  while (next !== undefined) {
    const answer: Response = await fetch(next)
    await answer.arrayBuffer()
    next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
  }
}

/** In 40 folders. */
export function smallFilePaths(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `part-${index % 40}/file-${index}.json`)
}

async function ask(child: ChildProcess, order: HubOrder): Promise<HubReply> {
  const done = new AbortController()
  const { signal } = done
  try {
    const answer = Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(() => {
        throw new Error('the Hub process ended')
      }),
    ])
    child.send(order)
    const messages: readonly unknown[] = await answer
    const message = messages[0]
    if (!isReply(message)) throw new Error('the Hub process sent something else than a reply')
    return message
  } finally {
    done.abort()
  }
}

export function isOrder(message: unknown): message is HubOrder {
  return hasKind(message, ['serve', 'count'])
}

function isReply(message: unknown): message is HubReply {
  return hasKind(message, ['ready', 'counts'])
}

function hasKind(message: unknown, kinds: readonly string[]): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    typeof message.kind === 'string' &&
    kinds.includes(message.kind)
  )
}
