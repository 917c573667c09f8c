import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A mark in a place where it must not be. @typedef {{ readonly where: string, readonly text: string }} Leak */

/** Files that are made to hold a secret: those of logins, and settings that a test writes itself. */
const keepers =
  /(?:^|\/)(?:token|stored_tokens|(?:a|(?:hfx\.)?config)\.(?:json|ya?ml|toml)|\.netrc|id-token[^/]*|jwt)$/

/** Longer than any text that is told; sparse files of tests are far longer. */
const largestBytes = 400 * 1024 ** 2

/**
 * The mark as it is, and in base64 at each of the three places where it can begin.
 * @param {string} mark
 * @returns {readonly string[]}
 */
export function formsOf(mark) {
  const coded = [0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + mark)
      .toString('base64')
      // What depends on the neighbours is left out.
      .slice(shift === 0 ? 0 : 4, -4),
  )
  return [mark, ...coded]
}

/**
 * Marks, and signatures of URLs that were not removed.
 * @param {string} where
 * @param {string} text
 * @param {readonly string[]} forms
 * @returns {Leak[]}
 */
export function findLeaks(where, text, forms) {
  /** @type {Leak[]} */
  const leaks = []
  for (const line of text.split('\n')) {
    const at = forms.map((form) => line.indexOf(form)).find((index) => index >= 0)
    const signed = /[?&](?:X-Amz-)?Signature=(?!<)[\w~%-]{8}/.exec(line)?.index
    const found = at ?? signed
    if (found !== undefined)
      leaks.push({ where, text: line.slice(Math.max(0, found - 80), found + 60) })
  }
  return leaks
}

/**
 * Every file below a folder but those that are made for secrets.
 * @param {string} folder
 * @param {readonly string[]} forms
 */
export async function scanFolder(folder, forms) {
  /** @type {Leak[]} */
  const leaks = []
  let files = 0
  let bytes = 0
  for await (const name of walk(folder)) {
    const path = join(folder, name)
    const found = await lstat(path).catch(() => undefined)
    if (!found?.isFile() || keepers.test(name)) continue
    // Files with holes are made for tests of size, and hold nothing.
    const hasHoles = found.size > 1024 ** 2 && found.blocks * 512 < found.size / 2
    if (found.size > largestBytes || hasHoles) continue
    files += 1
    bytes += found.size
    const text = await readFile(path, 'latin1').catch(() => '')
    if ([...forms, 'Signature='].some((form) => text.includes(form)))
      leaks.push(...findLeaks(`file ${name}`, text, forms))
    leaks.push(...findLeaks('the name of a file', name, forms))
  }
  return { leaks, files, bytes }
}

/**
 * Files below a folder. Links are not followed: tests make circles of them.
 * @param {string} folder
 * @param {string} below
 * @returns {AsyncGenerator<string>}
 */
async function* walk(folder, below = '') {
  for (const entry of await readdir(join(folder, below), { withFileTypes: true }).catch(() => [])) {
    const name = join(below, entry.name)
    if (entry.isDirectory()) yield* walk(folder, name)
    else if (entry.isFile()) yield name
  }
}

/**
 * Looks at every command line of the machine, again and again, as anybody on it can.
 * @param {readonly string[]} forms
 */
export function watchProcesses(forms) {
  /** @type {Map<string, Leak>} */
  const leaks = new Map()
  let looks = 0
  const ending = new AbortController()
  async function look() {
    for (const pid of await readdir('/proc').catch(() => [])) {
      if (!/^\d+$/.test(pid)) continue
      const line = (await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')).replaceAll(
        '\0',
        ' ',
      )
      // The test that such a command line is refused has to write one.
      if (/ --token[ =]/.test(line)) continue
      for (const leak of findLeaks('a command line', line, forms)) leaks.set(leak.text, leak)
    }
    looks += 1
  }
  const watching = (async () => {
    while (!ending.signal.aborted) {
      await look()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  return async () => {
    ending.abort()
    await watching
    return { leaks: [...leaks.values()], looks }
  }
}
