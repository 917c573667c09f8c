import { statFile } from './find-file.ts'
import { walkFiles } from './walk-files.ts'

/** Repository paths of the files below a folder, sorted. Links that point at nothing are no files. */
export async function listFilesBelow(
  folder: string,
  skip?: (name: string) => boolean,
): Promise<readonly string[]> {
  const names: string[] = []
  for await (const entry of walkFiles(folder, skip)) {
    if (entry.isFile || (await statFile(entry.path)) !== undefined) names.push(entry.name)
  }
  return names.toSorted()
}
