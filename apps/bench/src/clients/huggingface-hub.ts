// The two ways in which programs use @huggingface/hub: to its cache, several files at a time by hand, or a Blob to a file.
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { downloadFile, downloadFileToCacheDir, listFiles } from '@huggingface/hub'

const [way = 'cache', hubUrl = '', repo = '', folder = ''] = process.argv.slice(2)

if (way === 'blob') await writeBlobs()
else await fillCache(Number(way))

async function writeBlobs(): Promise<void> {
  for await (const file of listFiles({ repo, hubUrl, recursive: true })) {
    const blob = await downloadFile({ repo, hubUrl, path: file.path })
    if (!blob) throw new Error(`${file.path} is missing`)
    const target = createWriteStream(join(folder, file.path))
    await pipeline(Readable.from(blob.stream()), target)
  }
}

async function fillCache(atOnce: number): Promise<void> {
  const paths: string[] = []
  for await (const file of listFiles({ repo, hubUrl, recursive: true }))
    if (file.type === 'file') paths.push(file.path)
  const work = Array.from({ length: atOnce }, async () => {
    for (let path = paths.shift(); path !== undefined; path = paths.shift())
      await downloadFileToCacheDir({ repo, hubUrl, path, cacheDir: folder })
  })
  await Promise.all(work)
}
