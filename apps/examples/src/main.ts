import { createInterface } from 'node:readline/promises'
import { createTerminal } from '@hfx/progress'
import { main as basicDownload } from './basic-download.ts'
import { main as customPipeline } from './custom-pipeline.ts'
import { main as enhancedClient } from './enhanced-client.ts'
import { main as initContainer } from './init-container.ts'
import { main as largeGatedModel } from './large-gated-model.ts'
import { main as progressAndLogging } from './progress-and-logging.ts'
import { runSample, type Sample } from './sample.ts'
import { main as wiredService } from './wired-service.ts'

const samples: Readonly<Record<string, Sample>> = {
  'basic-download': basicDownload,
  'custom-pipeline': customPipeline,
  'enhanced-client': enhancedClient,
  'init-container': initContainer,
  'large-gated-model': largeGatedModel,
  'progress-and-logging': progressAndLogging,
  'wired-service': wiredService,
}

async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await lines.question(`${question} [y/N] `)
  lines.close()
  return /^y(es)?$/i.test(answer.trim())
}

const [name = '', ...args] = process.argv.slice(2)
const sample = samples[name]
if (sample) {
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort())
  process.exitCode = await runSample(sample, {
    args,
    env: process.env,
    print: (line) => console.log(line),
    confirm,
    terminal: createTerminal(process.stderr),
    signal: abort.signal,
    signals: process,
  })
} else {
  console.error(`Which sample? ${Object.keys(samples).join(', ')}`)
  process.exitCode = 2
}
