// Hashes files one after another, as a verifying client has to.
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'

const buffer = Buffer.allocUnsafeSlow(256 * 1024)

for (const path of process.argv.slice(2)) {
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  for (let count = 1; count > 0;) {
    count = readSync(file, buffer)
    hash.update(buffer.subarray(0, count))
  }
  closeSync(file)
  process.stdout.write(`${hash.digest('hex')}  ${path}\n`)
}
