import type { DownloadPlan, FileState } from '@hfx/core'
import type { SkippedFile } from '@hfx/hub'
import { formatBytes, formatCount } from '@hfx/progress'
import type { Printable } from './format.ts'
import { renderTable } from './table.ts'

export interface PlanWithSkips {
  readonly plan: DownloadPlan
  readonly skipped: readonly SkippedFile[]
}

/** What a download would do: a table and its sum for people, the plan itself for programs. */
export function describePlans(
  plans: readonly PlanWithSkips[],
  shape: { readonly isList: boolean },
): Printable {
  const documents = plans.map(toDocument)
  return {
    human: (width) => plans.map(({ plan }) => renderPlan(plan, width)).join('\n\n'),
    json: () => (shape.isList ? documents : documents[0]),
    ndjson: () => documents,
    quiet: () => plans.flatMap(({ plan }) => plan.files.filter(isFetched).map(({ path }) => path)),
  }
}

function renderPlan(plan: DownloadPlan, width: number): string {
  const rows = plan.files.map((file) => [
    formatBytes(file.sizeBytes),
    describeState(file.state),
    file.path,
  ])
  const table = renderTable(
    [{ title: 'SIZE', align: 'right' }, { title: 'STATE' }, { title: 'FILE', cut: 'start' }],
    rows,
    width,
  )
  const fetched = plan.files.filter(isFetched).length
  const facts = [
    `to fetch   ${formatBytes(plan.fetchBytes)} in ${formatCount(fetched, 'file')}, ${formatCount(plan.requests, 'request')}`,
    `here       ${formatBytes(plan.cachedBytes)} in ${formatCount(plan.files.length - fetched, 'file')}`,
    ...(plan.resumeBytes > 0
      ? [`to resume  ${formatBytes(plan.resumeBytes)} wait in partials`]
      : []),
    `disk       ${formatBytes(plan.diskBytes)} more`,
  ]
  return `${plan.repo.id} at ${plan.revision} (${plan.commit.slice(0, 12)})\n\n${table}\n\n${facts.join('\n')}`
}

function describeState(state: FileState): string {
  switch (state.kind) {
    case 'cached':
      return 'here'
    case 'link':
      return 'link'
    case 'resume':
      return `resume at ${formatBytes(state.doneBytes)}`
    case 'fetch':
      return 'fetch'
  }
}

function isFetched({ state }: { readonly state: FileState }): boolean {
  return state.kind === 'fetch' || state.kind === 'resume'
}

function toDocument({ plan, skipped }: PlanWithSkips) {
  const { repo, files, ...rest } = plan
  return {
    repo: repo.id,
    type: repo.type,
    ...rest,
    files: files.map(({ path, sizeBytes, state }) => ({
      path,
      sizeBytes,
      state: state.kind,
      ...(state.kind === 'resume' ? { doneBytes: state.doneBytes } : {}),
    })),
    ...(skipped.length > 0 ? { skipped } : {}),
  }
}
