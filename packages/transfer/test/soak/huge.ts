import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startFakeHub, type ByteSource } from '@hfx/fake-hub'
import { createHttp } from '@hfx/http'
import { useTempDir } from '@hfx/testing'
import { createFileTransfer } from '../../src/index.ts'
import { freeRecord, formatJournalHead, formatRange } from '../../src/resume-journal.ts'
import { makeBytes, repoId } from '../support/hub-source.ts'

const mib = 1024 ** 2
const partBytes = 2 * mib
const sizeBytes = 2 ** 32 + 2 * partBytes
const hereEnd = 2 ** 32 - partBytes
const tail = makeBytes(sizeBytes - hereEnd)
/** Of 2^32 - 2^21 zeros and the tail; computing it here would take as long as the rest of the test. */
const digest = 'c2087a10684dc078e8a26aa33db5e310c9db5d3fe8abacf5391d298f19efd17b'

/** Zeros, and bytes at the end that differ everywhere. */
const content: ByteSource = {
  sizeBytes,
  fingerprint: 'huge',
  read: (start, end) =>
    start >= hereEnd ? tail.subarray(start - hereEnd, end - hereEnd) : Buffer.alloc(end - start),
}

it('SU-3: a file of more than 2^32 bytes goes on where it was, and its last parts lie where they belong', async () => {
  const file = { lfs: true, source: content, trustSha256: digest }
  const hub = await startFakeHub({
    repos: [{ id: repoId, commits: [{ files: { 'f.bin': file } }] }],
  })
  const http = createHttp({ endpoint: hub.url })
  const transfer = createFileTransfer({ rangeReader: http.rangeReader }, { partBytes: mib })
  onTestFinished(async () => {
    await transfer.close()
    await http.close()
    await hub.close()
  })
  const folder = await useTempDir()
  const hash = { algorithm: 'sha256', digest } as const
  const partial = await open(join(folder, `${digest}.00000000.incomplete`), 'w')
  await partial.truncate(sizeBytes)
  await partial.close()
  const head = formatJournalHead({ hash, sizeBytes }, { place: 'here', pid: 1 })
  const journal = head + formatRange({ start: 0, end: hereEnd }) + freeRecord
  await writeFile(join(folder, `${digest}.00000000.11111111.journal.incomplete`), journal)

  const result = await transfer.transferFile(
    {
      path: 'f.bin',
      sizeBytes,
      hash,
      locate: () => Promise.resolve({ url: `${hub.url}/${repoId}/resolve/main/f.bin` }),
    },
    { folder, stem: digest },
  )
  expect(result).toMatchObject({ resumedBytes: hereEnd, fetchedBytes: 3 * partBytes })
  const ranges = hub.requests.flatMap(({ host, range }) => (host === 'cdn' ? [range] : []))
  expect(ranges).toContain(`bytes=${2 ** 32}-${2 ** 32 + partBytes - 1}`)
  const stored = await open(result.file.path)
  const last = Buffer.alloc(tail.length)
  await stored.read(last, 0, last.length, hereEnd)
  await stored.close()
  expect(last.equals(tail)).toBe(true)
})
