// node tooling/single-file.mjs: the command `hfx` as one file that needs nothing but Node, with the licences of what is in it.
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { build } from 'esbuild'
import { root } from './root.mjs'

const cli = join(root, 'apps', 'cli')
const file = join(cli, 'dist', 'single', 'hfx.cjs')

const output = /** @type {const} */ ({
  platform: 'node',
  target: 'node20.19',
  minify: true,
  legalComments: 'none',
  write: false,
  logLevel: 'warning',
})

/** Large packages that most commands never use. */
const late = ['undici', 'yaml']

/** CommonJS: what a command loads late stays late, Node's own modules too, and the file may have any name. */
async function main() {
  /** @type {string[]} */
  const inputs = []
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(cli, 'src', 'main.ts')],
    outfile: file,
    bundle: true,
    format: 'cjs',
    conditions: ['@hfx/source'],
    // The optional peer of @hfx/cache, where a user has it.
    external: ['koffi'],
    plugins: [packLate(inputs)],
    ...output,
    metafile: true,
  })
  const [bundle] = outputFiles
  if (!bundle) throw new Error('esbuild wrote no file')
  const licenses = await readLicenses([...Object.keys(metafile.inputs), ...inputs])
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, bundle.text + formatNotice(licenses))
  await chmod(file, 0o755)
  const { size } = await stat(file)
  console.log(
    `${relative(root, file)}: ${(size / 1000).toFixed(0)} kB, ${licenses.length} packages`,
  )
}

/**
 * The text of a late package is a string until somebody asks for the package: Node then reads past it at the start
 * instead of parsing it.
 * @param {string[]} inputs Is told the files that are in the strings.
 * @returns {import('esbuild').Plugin}
 */
function packLate(inputs) {
  return {
    name: 'late',
    setup({ onResolve, onLoad }) {
      const filter = new RegExp(`^(?:${late.join('|')})(?:/|$)`)
      onResolve({ filter }, async ({ path, resolveDir }) => ({
        path,
        namespace: 'late',
        pluginData: resolveDir,
      }))
      onLoad({ filter, namespace: 'late' }, async ({ path, pluginData }) => {
        const { outputFiles, metafile } = await build({
          stdin: { contents: `module.exports = require('${path}')`, resolveDir: pluginData },
          absWorkingDir: root,
          bundle: true,
          format: 'cjs',
          ...output,
          metafile: true,
        })
        inputs.push(...Object.keys(metafile.inputs))
        return { contents: wrapLate(path, outputFiles[0]?.text ?? '') }
      })
    },
  }
}

/** @param {string} name @param {string} text */
function wrapLate(name, text) {
  const names = ['require', 'module', 'exports']
  const options = { filename: `${name}.cjs` }
  return `const load = require('node:vm').compileFunction(
    ${JSON.stringify(text)}, ${JSON.stringify(names)}, ${JSON.stringify(options)})
  load(require, module, exports)`
}

/**
 * @typedef {object} License
 * @property {string} name `commander 14.0.3`
 * @property {string} license
 * @property {string} text
 */

/**
 * The licence of each npm package of which something is in the bundle.
 * @param {readonly string[]} inputs
 * @returns {Promise<License[]>}
 */
async function readLicenses(inputs) {
  const folders = inputs.flatMap((input) => {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)
    return match?.[1] ? [resolve(root, match[1])] : []
  })
  const found = await Promise.all([...new Set(folders)].map(readLicense))
  return found.toSorted((a, b) => a.name.localeCompare(b.name))
}

/** @param {string} folder @returns {Promise<License>} */
async function readLicense(folder) {
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  )
  const texts = (await readdir(folder)).filter((each) => /^(licen[cs]e|copying)/i.test(each))
  const text = texts[0] ? await readFile(join(folder, texts[0]), 'utf8') : ''
  return { name: `${name} ${version}`, license, text: text.trim() }
}

/** @param {readonly License[]} licenses */
function formatNotice(licenses) {
  const parts = licenses.map(
    ({ name, license, text }) => `${'─'.repeat(80)}\n${name} (${license})\n\n${text}`,
  )
  const notice = `hfx is licensed under Apache-2.0. This file also holds:\n\n${parts.join('\n\n')}`
  return `/*!\n${notice.replaceAll('*/', '* /')}\n*/\n`
}

await main()
