import { visible } from '@hfx/core'
import { formatBytes } from '@hfx/progress'

interface Folder {
  readonly folders: Map<string, Folder>
  readonly files: Map<string, number>
}

/** Files as a tree of folders, folders first, with sizes behind the names. */
export function renderTree(
  files: readonly { readonly path: string; readonly sizeBytes: number }[],
): string {
  const root: Folder = createFolder()
  for (const { path, sizeBytes } of files) {
    const segments = path.split('/')
    const name = segments.pop() ?? path
    folderAt(root, segments).files.set(name, sizeBytes)
  }
  return renderFolder(root, '').join('\n')
}

function createFolder(): Folder {
  return { folders: new Map(), files: new Map() }
}

function folderAt(root: Folder, segments: readonly string[]): Folder {
  let folder = root
  for (const segment of segments) {
    const next = folder.folders.get(segment) ?? createFolder()
    folder.folders.set(segment, next)
    folder = next
  }
  return folder
}

function renderFolder(folder: Folder, indent: string): string[] {
  const entries = [
    ...Array.from(folder.folders, ([name, inner]) => ({ label: `${visible(name)}/`, inner })),
    ...Array.from(folder.files, ([name, bytes]) => ({
      label: `${visible(name)}  ${formatBytes(bytes)}`,
      inner: undefined,
    })),
  ]
  return entries.flatMap(({ label, inner }, index) => {
    const isLast = index === entries.length - 1
    const line = `${indent}${isLast ? '└── ' : '├── '}${label}`
    return inner ? [line, ...renderFolder(inner, `${indent}${isLast ? '    ' : '│   '}`)] : [line]
  })
}
