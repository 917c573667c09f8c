import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { root } from './root.mjs'
import { listEntryPoints, listPublic } from './workspace.mjs'

const reports = join(root, 'docs', 'api')

/**
 * @typedef {import('./workspace.mjs').EntryPoint & { readonly folder: string }} Surface What a user imports, and its package's folder.
 */

/**
 * Exports that have no TSDoc sentence, by name.
 * @param {string} report an API report
 * @returns {string[]}
 */
export function findUndocumented(report) {
  const pattern =
    /^\/\/ @\w+(?: @\w+)* \(undocumented\)\nexport (?:declare |abstract |async )*\w+ (\w+)/gm
  return [...report.matchAll(pattern)].map((match) => match[1] ?? '')
}

/**
 * The report without what is no part of the surface: api-extractor's header and its warnings about itself.
 * @param {string} report
 */
export function normalizeReport(report) {
  return report.replaceAll('\r\n', '\n').trimEnd() + '\n'
}

/** @param {Surface} entry @param {string} reportTempFolder */
function createConfig(entry, reportTempFolder) {
  const packageJsonFullPath = join(entry.folder, 'package.json')
  return ExtractorConfig.prepare({
    packageJsonFullPath,
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: entry.folder,
      mainEntryPointFilePath: join(entry.folder, entry.types),
      newlineKind: 'lf',
      apiReport: {
        enabled: true,
        reportFolder: reportTempFolder,
        reportTempFolder,
        reportFileName: `${entry.name}.api.md`,
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2023',
            lib: ['es2023'],
            module: 'nodenext',
            moduleResolution: 'nodenext',
            types: ['node'],
            strict: true,
            skipLibCheck: true,
          },
          files: [join(entry.folder, entry.types)],
        },
      },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  })
}

/**
 * @param {Surface} entry
 * @param {string} temp
 */
async function writeReport(entry, temp) {
  if (!existsSync(join(entry.folder, entry.types)))
    throw new Error(`${entry.specifier} is not built`)
  /** @type {string[]} */
  const complaints = []
  const config = createConfig(entry, temp)
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback(message) {
      message.handled = true
      if (message.logLevel === ExtractorLogLevel.Error)
        complaints.push(message.formatMessageWithLocation(root))
    },
  })
  if (complaints.length > 0) throw new Error(complaints.join('\n'))
  return normalizeReport(await readFile(config.reportFilePath, 'utf8'))
}

/**
 * Holds the public surface of each package against `docs/api/<name>.api.md`.
 * @param {{ update: boolean }} options
 */
export async function checkApi({ update }) {
  await mkdir(reports, { recursive: true })
  const temp = join(reports, '.temp')
  const faults = []
  const entries = listPublic()
    .filter((entry) => !entry.isApp)
    .flatMap((entry) => listEntryPoints(entry).map((point) => ({ ...point, folder: entry.folder })))
  try {
    for (const entry of entries) faults.push(...(await checkOne(entry, { update, temp })))
  } finally {
    await rm(temp, { recursive: true, force: true })
  }
  const known = entries.map((entry) => `${entry.name}.api.md`)
  const orphans = (await readdir(reports)).filter((name) => !known.includes(name))
  faults.push(...orphans.map((name) => `docs/api/${name} belongs to no package`))
  if (faults.length > 0) throw new Error(faults.join('\n'))
  console.log(`${entries.length} API reports ${update ? 'written' : 'are up to date'}`)
}

/**
 * @param {Surface} entry
 * @param {{ update: boolean, temp: string }} options
 * @returns {Promise<string[]>}
 */
async function checkOne(entry, { update, temp }) {
  const name = `${entry.name}.api.md`
  const path = join(reports, name)
  const report = await writeReport(entry, temp)
  const faults = findUndocumented(report).map((item) => `${entry.specifier}: ${item} has no TSDoc`)
  const recorded = await readFile(path, 'utf8').catch(() => '')
  if (recorded === report) return faults
  if (update) await writeFile(path, report)
  else
    faults.push(`docs/api/${name} differs from the built package: review, then \`pnpm api:update\``)
  return faults
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await checkApi({ update: process.argv.includes('--update') }).catch((error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
