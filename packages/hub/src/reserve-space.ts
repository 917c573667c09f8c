import type { FlowDeps, FlowOptions } from './flow.ts'
import type { JobContext } from './job.ts'
import type { ReadyPlan } from './plan-download.ts'

/**
 * Holds a plan against the room there is, on the volume that its bytes go to: a repository's folder may lie on another
 * one than the cache.
 * @throws InsufficientSpaceError `HUB_NO_SPACE`
 */
export async function reserveSpace(
  { checkSpace }: Pick<FlowDeps, 'checkSpace'>,
  { summary, writesTo: folder }: Pick<ReadyPlan, 'summary' | 'writesTo'>,
  {
    options,
    context,
  }: { readonly options: Pick<FlowOptions, 'forceSpace'>; readonly context: JobContext },
): Promise<void> {
  if (options.forceSpace || folder === undefined) return
  await checkSpace({ folder, needBytes: summary.diskBytes, context })
}
