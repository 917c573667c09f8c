// node tooling/sbom.mjs <file>: what @hfx/cli brings to a machine, as a CycloneDX 1.6 bill of materials.
import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { Contrib, Enums, Models, Serialize, Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { findInstalled } from './docs/runtime-dependencies.mjs'
import { listWorkspace } from './workspace.mjs'

/** @typedef {import('./workspace.mjs').Manifest} Manifest */

const builder = new Contrib.FromNodePackageJson.Builders.ComponentBuilder(
  new Contrib.FromNodePackageJson.Factories.ExternalReferenceFactory(),
  new Contrib.License.Factories.LicenseFactory(checkExpression),
)

/** Lets pass what has the form of an SPDX expression. @param {string} text */
function checkExpression(text) {
  if (!/^\(?[\w.+-]+( (OR|AND|WITH) [\w.+-]+)+\)?$/.test(text))
    throw new Error(`no SPDX expression: ${text}`)
}

/**
 * The bill of materials of one package of the workspace, with who depends on whom. The same tree gives the same text.
 * @param {string} name
 */
export function createBom(name) {
  const entry = listWorkspace().find((candidate) => candidate.manifest.name === name)
  if (!entry) throw new Error(`${name} is no package of this workspace`)
  const bom = new Models.Bom()
  /** @type {Map<string, Models.Component>} */
  const known = new Map()
  const top = addComponent(known, entry.folder, entry.manifest)
  top.type = Enums.ComponentType.Application
  bom.metadata.component = top
  for (const component of known.values()) if (component !== top) bom.components.add(component)
  return bom
}

/**
 * @param {Map<string, Models.Component>} known
 * @param {string} folder
 * @param {Manifest} manifest
 * @returns {Models.Component}
 */
function addComponent(known, folder, manifest) {
  const purl = `pkg:npm/${manifest.name.replace('@', '%40')}@${manifest.version}`
  const before = known.get(purl)
  if (before) return before
  const component = builder.makeComponent(manifest, Enums.ComponentType.Library)
  if (!component) throw new Error(`${manifest.name} cannot be described`)
  component.purl = purl
  component.bomRef.value = purl
  known.set(purl, component)
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    const installed = findInstalled(folder, name)
    if (installed)
      component.dependencies.add(addComponent(known, installed.folder, installed.manifest).bomRef)
  }
  return component
}

/**
 * Writes the bill of materials of the CLI and holds it against the CycloneDX schema.
 * @param {string} file
 * @returns {Promise<number>} components
 */
export async function writeSbom(file) {
  const bom = createBom('@hfx/cli')
  const serializer = new Serialize.JsonSerializer(
    new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6),
  )
  const text = serializer.serialize(bom, { sortLists: true, space: 2 })
  const fault = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)
  if (fault !== null) throw new Error(`the SBOM breaks its schema: ${JSON.stringify(fault)}`)
  await writeFile(file, `${text}\n`)
  return bom.components.size
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = process.argv[2] ?? 'hfx-cli.cdx.json'
  console.log(`${file}: ${await writeSbom(file)} components`)
}
