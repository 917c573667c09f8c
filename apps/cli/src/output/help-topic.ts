import { optionNames, vocabulary } from '@hfx/config'
import { exitCodeRows } from '../exit-code.ts'
import { fold } from './fold.ts'
import type { topics } from '../commands/help-topics.ts'

type Topic = (typeof topics)[number]

/** The page of a topic, made from the same tables that the program runs on. */
export function renderTopic(topic: Topic, width: number): string {
  switch (topic) {
    case 'exit-codes':
      return renderExitCodes()
    case 'config':
      return renderConfig(width)
    case 'environment':
      return renderEnvironment(width)
  }
}

function renderExitCodes(): string {
  const rows = exitCodeRows.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}\n`)
  return `Exit codes\n\n${rows.join('')}`
}

function renderConfig(width: number): string {
  const entries = optionNames.map((name) => {
    const { doc, default: preset } = vocabulary[name]
    return renderEntry(name, preset === undefined ? doc : `${doc} Default: ${preset}.`, width)
  })
  return [
    'Options, from the strongest source to the weakest: flags, environment, hfx.config.json (.yaml, .toml) of the',
    'project, config.json of the user, defaults. hfx config explain shows the values in force.',
    '',
    ...entries,
  ]
    .join('\n')
    .concat('\n')
}

function renderEnvironment(width: number): string {
  const entries = optionNames.flatMap((name) =>
    (vocabulary[name].env ?? []).map((variable) =>
      renderEntry(variable, vocabulary[name].doc, width),
    ),
  )
  const others = [
    ['HF_HOME', 'Folder of cache and token. Default: ~/.cache/huggingface.'],
    ['HF_TOKEN_PATH', 'File of the token. Default: $HF_HOME/token.'],
    ['HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY', 'Proxies, in small letters too.'],
    ['NODE_EXTRA_CA_CERTS, SSL_CERT_FILE', 'Further trusted certificates.'],
    ['NO_COLOR, FORCE_COLOR', 'No colours; colours also without a terminal.'],
    ['HFX_DEBUG', 'With 1, errors show their stack.'],
  ] as const
  return [
    'Variables',
    '',
    ...entries,
    ...others.map(([name, doc]) => renderEntry(name, doc, width)),
  ]
    .join('\n')
    .concat('\n')
}

/** A name, and below it what it does, folded to the width. */
function renderEntry(name: string, doc: string, width: number): string {
  return `  ${name}\n${fold(doc, Math.max(24, Math.min(width, 100) - 6))
    .map((line) => `      ${line}`)
    .join('\n')}`
}
