import type { OptionName, OptionSpec } from './option-spec.ts'
import { diskOptions } from './vocabulary/disk.ts'
import { hubOptions } from './vocabulary/hub.ts'
import { networkOptions } from './vocabulary/network.ts'
import { screenOptions } from './vocabulary/screen.ts'
import { speedOptions } from './vocabulary/speed.ts'
import { timeOptions } from './vocabulary/time.ts'

export type { OptionKind, OptionName, OptionSpec } from './option-spec.ts'

/** Every option of hfx: the one table from which environment, files, flags, checks and `docs/config.md` come. */
export const vocabulary: Readonly<Record<OptionName, OptionSpec>> = {
  ...hubOptions,
  ...diskOptions,
  ...timeOptions,
  ...speedOptions,
  ...networkOptions,
  ...screenOptions,
}

/** The options under their headings, in the order in which the reference shows them. */
export const optionGroups: readonly (readonly [title: string, names: readonly OptionName[]])[] = [
  ['The Hub', Object.keys(hubOptions).filter(isOptionName)],
  ['The disk', Object.keys(diskOptions).filter(isOptionName)],
  ['Time', Object.keys(timeOptions).filter(isOptionName)],
  ['Speed and memory', Object.keys(speedOptions).filter(isOptionName)],
  ['The network', Object.keys(networkOptions).filter(isOptionName)],
  ['What is shown', Object.keys(screenOptions).filter(isOptionName)],
]

/** Every option's name. */
export const optionNames: readonly OptionName[] = Object.keys(vocabulary).filter(isOptionName)

/** True for the name of an option. */
export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(vocabulary, name)
}
