import type { CheckSpace } from './flow.ts'

/** The volume check of `@hfx/transfer`, as far as the flow uses it. */
type CheckVolumes = (
  demands: readonly { readonly folder: string; readonly bytes: number }[],
) => Promise<readonly { readonly verdict: string }[]>

/** The check as the flow asks for it: too little is an error, unknown is told. */
export function createSpaceCheck(check: CheckVolumes): CheckSpace {
  return async ({ folder, needBytes, context }) => {
    const reports = await check([{ folder, bytes: needBytes }])
    if (reports.every((report) => report.verdict !== 'unknown')) return
    context.emit({
      type: 'job:warning',
      code: 'SPACE_UNKNOWN',
      message: `the free space of ${folder} cannot be found; ${needBytes} bytes will be written`,
    })
  }
}
