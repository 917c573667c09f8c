import { createFileHasher, createFileTransfer } from '@hfx/transfer'

import { optional } from '../token.ts'
import { module, provide, type Wire } from '../wire.ts'
import { closeAtEnd } from './close-at-end.ts'
import { FILE_HASHER, FILE_TRANSFER, RANGE_READER, TRANSFER_OPTIONS } from './tokens.ts'
import { systemNeeds } from './tokens.ts'

const needs = { rangeReader: RANGE_READER, options: optional(TRANSFER_OPTIONS, {}), ...systemNeeds }

/** `FILE_TRANSFER` over a `RANGE_READER`, and `FILE_HASHER`. Lanes and workers end with the application. */
export const transferModule: Wire<'file_transfer' | 'file_hasher', 'range_reader'> = module(
  'transfer',
  [
    provide(FILE_TRANSFER, needs, ({ options, ...deps }, lifecycle) =>
      closeAtEnd(createFileTransfer(deps, options), lifecycle),
    ),
    provide(FILE_HASHER, {}, (_parts, lifecycle) => closeAtEnd(createFileHasher(), lifecycle)),
  ],
)
