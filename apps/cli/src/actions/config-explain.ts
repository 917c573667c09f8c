import {
  explainConfig,
  type ExplainedOption,
  formatValue,
  isOptionName,
  type OptionName,
  optionNames,
  vocabulary,
} from '@hfx/config'
import { findNearestName, HubError } from '@hfx/core'
import type { ExplainFlags } from '../commands/config.ts'
import type { CliIo } from '../io.ts'
import { readConfig } from '../open-hub.ts'
import { renderFacts } from '../output/facts.ts'
import { type OutputFlags, print, readFormat } from '../output/format.ts'
import { renderTable } from '../output/table.ts'

export async function runConfigExplain(
  io: CliIo,
  option: string | undefined,
  flags: ExplainFlags,
): Promise<void> {
  const format = readFormat(flags)
  if (option !== undefined) return explainOne(io, checkName(option), flags)
  const explained = await explain(io)
  const shown = explained.filter(
    ({ source }) => source !== null && (flags.all === true || source !== 'default'),
  )
  print(io, format, {
    human: (width) => (shown.length === 0 ? '' : renderExplained(shown, width)),
    json: () => shown,
    quiet: () => shown.map((one) => one.option),
  })
  if (format === 'human' && shown.length === 0)
    io.err('Nothing is set; every option has its default. --all prints them.\n')
}

async function explainOne(io: CliIo, name: OptionName, flags: OutputFlags): Promise<void> {
  const one = (await explain(io)).find(({ option }) => option === name)
  const spec = vocabulary[name]
  const facts = {
    option: name,
    value: one?.value ?? null,
    source: one?.source ?? null,
    does: spec.doc,
    default: spec.default ?? null,
    variables: spec.env ?? [],
    ...(spec.choices ? { choices: spec.choices } : {}),
  }
  print(io, readFormat(flags), {
    human: (width) =>
      renderFacts(Object.entries({ ...facts, value: formatValue(facts.value) }), width),
    json: () => facts,
    quiet: () => formatValue(facts.value),
  })
}

export async function runConfigGet(io: CliIo, option: string, flags: OutputFlags): Promise<void> {
  const format = readFormat(flags)
  const name = checkName(option)
  const found = (await explain(io)).find((one) => one.option === name)
  const value = found?.value ?? null
  print(io, format, {
    human: () => formatValue(value),
    json: () => ({ option: name, value, source: found?.source ?? null }),
    quiet: () => formatValue(value),
  })
}

async function explain(io: CliIo): Promise<readonly ExplainedOption[]> {
  const { values } = await readConfig(io, {})
  return explainConfig(values)
}

function renderExplained(shown: readonly ExplainedOption[], width: number): string {
  return renderTable(
    [{ title: 'OPTION' }, { title: 'VALUE', cut: 'end' }, { title: 'FROM' }],
    shown.map(({ option, value, source }) => [option, formatValue(value), source ?? '']),
    width,
  )
}

function checkName(name: string): OptionName {
  if (isOptionName(name)) return name
  const near = findNearestName(name, optionNames)
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `there is no option ${JSON.stringify(name)}`,
    hint: near === undefined ? 'hfx help config lists them.' : `Did you mean ${near}?`,
  })
}
