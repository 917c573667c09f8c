import { readdir, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createManualClock, useTempDir } from '@hfx/testing'
import { findPartials, readJournal } from '../src/find-partials.ts'
import { claimLease, createLease } from '../src/partial-lease.ts'
import { formatJournalHead, formatOwner, formatRange } from '../src/resume-journal.ts'
import { createStagedFile } from '../src/staged-writer.ts'

const wanted = { hash: { algorithm: 'sha256', digest: 'ab' }, sizeBytes: 1000 } as const
const owner = { place: 'here', pid: 1 }

async function begin() {
  const staged = { folder: await useTempDir(), stem: 'ab' }
  const partialPath = join(staged.folder, 'ab.00000000.incomplete')
  const journalPath = join(staged.folder, 'ab.00000000.11111111.journal.incomplete')
  const clock = createManualClock()
  const writer = await createStagedFile(partialPath, wanted.sizeBytes)
  const lease = await createLease({ clock, owner }, journalPath, wanted)
  await lease.record({ start: 0, end: 500 })
  return { staged, partialPath, journalPath, clock, writer, lease }
}

describe('RE-2: the right to write a partial', () => {
  it('ends when another process has taken it, before one more byte is written', async () => {
    const { journalPath, clock, writer, lease } = await begin()
    await clock.advance(10_000)
    await lease.confirm(writer)
    await rename(journalPath, journalPath.replace('11111111', '22222222'))
    await clock.advance(10_000)
    await expect(lease.confirm(writer)).rejects.toMatchObject({ code: 'HUB_LOCK_FAILED' })
    await writer.close()
  })

  it('stays when the partial was pruned with its journal, which does not come back', async () => {
    const { staged, partialPath, journalPath, clock, writer, lease } = await begin()
    await Promise.all([partialPath, journalPath].map((path) => rm(path)))
    await clock.advance(10_000)
    await lease.confirm(writer)
    await lease.record({ start: 500, end: 600 })
    expect(await readdir(staged.folder)).toEqual([])
    await writer.close()
  })

  it('is shown while it is used', async () => {
    const { journalPath, clock, writer, lease } = await begin()
    await clock.advance(3_600_000)
    await lease.confirm(writer)
    expect((await stat(journalPath)).mtimeMs).toBe(clock.now())
    await clock.advance(5_999)
    await lease.confirm(writer)
    expect((await stat(journalPath)).mtimeMs).toBe(clock.now() - 5_999)
    await clock.advance(1)
    await lease.confirm(writer)
    expect((await stat(journalPath)).mtimeMs).toBe(clock.now())
    await writer.close()
  })

  it('is looked at before the next byte when a range could not be noted', async () => {
    const { journalPath, writer, lease } = await begin()
    await rename(journalPath, journalPath.replace('11111111', '22222222'))
    await lease.confirm(writer)
    await lease.record({ start: 500, end: 600 })
    await expect(lease.confirm(writer)).rejects.toMatchObject({ code: 'HUB_LOCK_FAILED' })
    await writer.close()
  })

  it('is looked at before the first byte of a partial that was taken over: another may have done so too', async () => {
    const { staged, journalPath, clock, writer, lease } = await begin()
    await lease.free()
    const [seen] = await findPartials(staged, wanted)
    if (!seen) throw new Error('no partial')
    const path = journalPath.replace('11111111', '22222222')
    const claimed = await claimLease({ clock, owner: { place: 'here', pid: 2 } }, seen, path)
    expect((await readJournal(path))?.owner).toEqual({ place: 'here', pid: 2 })
    await rename(path, journalPath.replace('11111111', '33333333'))
    await expect(claimed?.confirm(writer)).rejects.toMatchObject({ code: 'HUB_LOCK_FAILED' })
    await writer.close()
  })

  it('goes to one of two that both saw it abandoned: the slower one gives it back', async () => {
    const { staged, journalPath, clock, writer, lease } = await begin()
    await lease.free()
    const [seen] = await findPartials(staged, wanted)
    if (!seen) throw new Error('no partial')
    // Meanwhile another process has claimed it, and the directory still shows the old name, as NFS may.
    await writeFile(journalPath, formatOwner({ place: 'there', pid: 2 }), { flag: 'a' })
    const path = journalPath.replace('11111111', '22222222')
    expect(await claimLease({ clock, owner }, seen, path)).toBeUndefined()
    expect((await readJournal(journalPath))?.owner).toEqual({ place: 'there', pid: 2 })
    await writer.close()
  })

  it.each([
    { few: '00000000', many: '11111111' },
    { few: '11111111', many: '00000000' },
  ])('is sought for the fullest partial first, whatever the names: $many', async (ids) => {
    const staged = { folder: await useTempDir(), stem: 'ab' }
    const deps = { clock: createManualClock(), owner }
    for (const [id, end] of [
      [ids.few, 100],
      [ids.many, 500],
    ] as const) {
      await (await createStagedFile(join(staged.folder, `ab.${id}.incomplete`), 1000)).close()
      const journal = join(staged.folder, `ab.${id}.99999999.journal.incomplete`)
      await (await createLease(deps, journal, wanted)).record({ start: 0, end })
    }
    expect((await findPartials(staged, wanted)).map(({ id }) => id)).toEqual([ids.many, ids.few])
  })

  it('SE-4: is not read from a journal larger than any of ours, nor through a link', async () => {
    const { staged, journalPath, writer } = await begin()
    const line = formatRange({ start: 0, end: 500 })
    await writeFile(journalPath, line.repeat((4 * 1024 ** 2) / line.length), { flag: 'a' })
    expect(await findPartials(staged, wanted)).toEqual([])
    const elsewhere = join(await useTempDir(), 'journal')
    await writeFile(elsewhere, formatJournalHead(wanted, owner))
    await rm(journalPath)
    await symlink(elsewhere, journalPath)
    expect(await findPartials(staged, wanted)).toEqual([])
    await rm(journalPath)
    await rename(elsewhere, journalPath)
    expect(await findPartials(staged, wanted)).toHaveLength(1)
    await writer.close()
  })

  it('is worth nothing for a partial that was cut shorter than its journal says', async () => {
    const { staged, partialPath, journalPath, writer } = await begin()
    await writeFile(journalPath, formatRange({ start: 900, end: 1000 }), { flag: 'a' })
    expect(await findPartials(staged, wanted)).toHaveLength(1)
    expect(await findPartials(staged, { ...wanted, sizeBytes: 1001 })).toEqual([])
    await truncate(partialPath, 999)
    expect(await findPartials(staged, wanted)).toEqual([])
    await writer.close()
  })
})
