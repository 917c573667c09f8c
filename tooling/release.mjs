// pnpm release --dry-run: every check, then what would be published. pnpm release: publishes, in the release workflow only.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packAll } from './pack.mjs'
import { previewChangelogs } from './preview-changelogs.mjs'
import { root } from './root.mjs'
import { bin, run } from './run.mjs'
import { writeSbom } from './sbom.mjs'

const singleFile = join(root, 'apps', 'cli', 'dist', 'single', 'hfx.cjs')

/** @param {readonly string[]} args */
async function main(args) {
  if (args.includes('--dry-run')) return dryRun()
  if (process.env['GITHUB_ACTIONS'] !== 'true') {
    throw new Error(
      'Releases are made by the release workflow. To see what it would do: pnpm release --dry-run',
    )
  }
  await run('pnpm', ['run', 'build'], { cwd: root })
  await run(bin('changeset'), ['publish'], { cwd: root })
}

async function dryRun() {
  await run('pnpm', ['run', '--silent', 'check'], { cwd: root })
  const folder = await mkdtemp(join(tmpdir(), 'hfx-release-'))
  try {
    await printChangelogs(folder)
    await printTarballs(folder)
    console.log(
      `\nbeside the release: hfx.cjs, the command as one file, ${await sizeOf(singleFile)}`,
    )
    const sbom = join(folder, 'hfx-cli.cdx.json')
    const components = await writeSbom(sbom)
    console.log(`SBOM of @hfx/cli: ${components} components, ${await sizeOf(sbom)}`)
    console.log('\nDry run: nothing was published or written.')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @param {string} folder */
async function printChangelogs(folder) {
  const releases = await previewChangelogs(join(folder, 'versions'))
  const versions = new Set(releases.map(({ version }) => version))
  console.log(
    `\nthe changesets would make version ${[...versions].join(', ')}, with these CHANGELOGs:`,
  )
  for (const { name, version, changelog } of releases)
    console.log(`\n${findRelease(changelog, version) ?? `${name}: nothing new`}`)
}

/**
 * A CHANGELOG up to the end of one version.
 * @param {string} changelog
 * @param {string} version
 */
function findRelease(changelog, version) {
  const sections = changelog.trim().split(/\n+(?=## )/)
  return sections[1]?.startsWith(`## ${version}\n`) ? `${sections[0]}\n\n${sections[1]}` : undefined
}

/** @param {string} folder */
async function printTarballs(folder) {
  console.log('\nwould be published:')
  for (const { name, tarball, files } of await packAll(folder)) {
    console.log(
      `  ${name.padEnd(20)} ${(await sizeOf(tarball)).padStart(9)}  ${files.length} files`,
    )
  }
}

/** @param {string} path */
async function sizeOf(path) {
  return `${((await stat(path)).size / 1000).toFixed(1)} kB`
}

await main(process.argv.slice(2)).catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
