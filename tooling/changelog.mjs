// How changesets writes a CHANGELOG: what each change says to users, and nothing else.

/**
 * @param {{ readonly summary: string }} changeset
 * @returns {Promise<string>}
 */
export async function getReleaseLine({ summary }) {
  const lines = summary.trim().split('\n')
  return lines.map((line, at) => (at === 0 ? `- ${line}` : line && `  ${line}`)).join('\n')
}

/** All packages have one version: that of a dependency tells nobody anything. @returns {Promise<string>} */
export async function getDependencyReleaseLine() {
  return ''
}
