import { type Logger, redactText, type StepOptions } from '@hfx/core'

/** What we tell of ourselves with each request, and what the Hub tells us beside its answers. */
export interface Notices {
  headers(): Record<string, string>
  /** `X-HF-Warning: topic; message` is passed on once a topic. */
  hear(headers: Readonly<Record<string, string>>, step: StepOptions): void
}

export function createNotices(
  deps: { readonly logger: Logger },
  headers: Notices['headers'],
): Notices {
  const heard = new Set<string>()
  return {
    headers,
    hear(answered, step) {
      const warning = answered['x-hf-warning']
      if (warning === undefined || heard.size > 100) return
      const [topic = '', ...rest] = warning.split(';')
      if (heard.has(topic)) return
      heard.add(topic)
      const message = redactText(oneLine(rest.join(';')) || oneLine(topic)).slice(0, 500)
      deps.logger.warn(message, { topic })
      step.emit?.({ type: 'job:warning', code: 'SERVER_NOTICE', message })
    },
  }
}

/** Without what moves a cursor, rings a bell or turns the reading order. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()
}
