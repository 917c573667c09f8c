import { HubError } from '@hfx/core'
import type { DoctorFlags } from '../commands/doctor.ts'
import type { DoctorContext, Finding } from '../doctor/check.ts'
import { checkDisk } from '../doctor/disk.ts'
import { checkHub } from '../doctor/hub.ts'
import { checkNetwork } from '../doctor/network.ts'
import { exitCodes } from '../exit-code.ts'
import { ExitError } from '../exit-error.ts'
import type { CliIo } from '../io.ts'
import { readConfig } from '../open-hub.ts'
import { print, readFormat } from '../output/format.ts'
import { hang } from '../output/fold.ts'
import { createPaint, type Paint } from '../output/style.ts'

/** Hosts that a firewall has to let through for the production Hub. */
const hubHosts = [
  'huggingface.co',
  'hf.co',
  'cdn-lfs.hf.co',
  'cdn-lfs-us-1.hf.co',
  'cdn-lfs-eu-1.hf.co',
  'cas-bridge.xethub.hf.co',
  'cas-server.xethub.hf.co',
  'transfer.xethub.hf.co',
  '*.cdn.hf.co',
]

const defaultRepo = 'hf-internal-testing/tiny-random-gpt2'
const stepMs = 10_000

/** Looks at everything a download needs and says what to do about each fault. Ends with 5 or 6 when something fails. */
export async function runDoctor(io: CliIo, flags: DoctorFlags): Promise<void> {
  const format = readFormat(flags)
  const config = await readConfig(io, flags)
  const endpoint = readEndpoint(config.settings.endpoint)
  const context: DoctorContext = { io, config, endpoint, repo: flags.repo ?? defaultRepo, stepMs }
  const [network, hub, disk] = await Promise.all([
    checkNetwork(context),
    checkHub(context),
    checkDisk(context),
  ])
  const findings = [...network, ...hub, ...disk]
  const isHub = /(^|\.)(huggingface\.co|hf\.co)$/.test(endpoint.hostname)
  const hosts = isHub ? hubHosts : [endpoint.host]
  const paint = createPaint(io, io.stdout)
  print(io, format, {
    human: (width) =>
      [
        ...findings.flatMap((one) => render(one, paint, width)),
        '',
        'Hosts that must be reachable:',
        ...hosts.map((host) => `  ${host}`),
      ].join('\n'),
    json: () => ({ ok: findings.every(isFine), findings, hosts }),
    ndjson: () => findings,
    quiet: () => findings.filter((one) => !isFine(one)).map(({ check }) => check),
  })
  const failed = findings.filter((one) => !isFine(one))
  if (failed.length === 0) return
  const code = failed.every((one) => disk.includes(one)) ? exitCodes.disk : exitCodes.network
  throw new ExitError(code, `${failed.map(({ check }) => check).join(', ')}: not in order`)
}

function isFine({ status }: Finding): boolean {
  return status !== 'fail'
}

function render(finding: Finding, paint: Paint, width: number): readonly string[] {
  const { check, status, detail, fix } = finding
  const colour = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'dim' } as const
  const line = hang(`${status.padEnd(4)}  ${check.padEnd(10)}  `, detail, width)
  const painted = `${paint(colour[status], status.padEnd(4))}${line.slice(4)}`
  return fix === undefined ? [painted] : [painted, hang('      → ', fix, width)]
}

function readEndpoint(text: string): URL {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return new URL(text)
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `the endpoint ${JSON.stringify(text)} is no http or https address`,
    hint: 'Correct HF_ENDPOINT or --endpoint.',
  })
}
