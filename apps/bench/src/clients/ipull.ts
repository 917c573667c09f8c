// ipull as its README shows it.
import { downloadFile } from 'ipull'

const [url = '', directory = '', streams = '16'] = process.argv.slice(2)
const downloader = await downloadFile({
  url,
  directory,
  fileName: 'model.bin',
  parallelStreams: Number(streams),
})
await downloader.download()
