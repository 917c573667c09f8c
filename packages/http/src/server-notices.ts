import { randomUUID } from 'node:crypto'
import { type Logger, redactText, type StepOptions } from '@hfx/core'
import type { ResolvedHttpOptions } from './options.ts'
import { productTokens } from './user-agent.ts'

/** What we tell of ourselves with each request, and what the Hub tells us beside its answers. */
export interface Notices {
  headers(): Record<string, string>
  /** `X-HF-Warning: topic; message` is passed on once a topic. */
  hear(headers: Readonly<Record<string, string>>, step: StepOptions): void
}

export function createNotices(options: ResolvedHttpOptions, logger: Logger): Notices {
  const userAgent = productTokens(options.userAgent)
  const heard = new Set<string>()
  return {
    headers: () => ({ 'user-agent': userAgent, 'x-amzn-trace-id': randomUUID() }),
    hear(headers, step) {
      const warning = headers['x-hf-warning']
      if (warning === undefined || heard.size > 100) return
      const [topic = '', ...rest] = warning.split(';')
      if (heard.has(topic)) return
      heard.add(topic)
      const message = redactText(oneLine(rest.join(';')) || oneLine(topic)).slice(0, 500)
      logger.warn(message, { topic })
      step.emit?.({ type: 'job:warning', code: 'SERVER_NOTICE', message })
    },
  }
}

/** Without what moves a cursor, rings a bell or turns the reading order. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()
}
