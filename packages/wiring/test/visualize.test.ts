import { describe, expect, it } from 'vitest'

import {
  contribute,
  createApp,
  groupToken,
  type GroupToken,
  invoke,
  module,
  optional,
  privately,
  provide,
  supply,
  token,
  type Token,
} from '../src/index.ts'
import { A, B } from './tokens.ts'

const IDLE: Token<string, 'i"dle'> = token('i"dle')
const CHECKS: GroupToken<string, 'checks'> = groupToken('checks')

const app = createApp([
  module('net', [
    privately(supply(A, '')),
    provide(B, { a: A, more: optional(IDLE) }, () => ''),
    provide(token<number>('unused'), { a: A }, () => 1),
  ]),
  supply(IDLE, ''),
  contribute(CHECKS, { b: B }, () => ''),
  invoke('main', { checks: CHECKS }, () => {}),
])

describe('visualize', () => {
  it('draws DOT with modules as clusters and what is not built dashed', () => {
    expect(app.visualize('dot')).toBe(`digraph wiring {
  rankdir=LR;
  node [fontname="sans-serif"];
  subgraph cluster_0 {
    label="net";
    n0 [label="supply a (private)", shape=note];
    n1 [label="b", shape=box];
    n2 [label="unused", shape=box, style=dashed];
  }
  n3 [label="supply i\\"dle", shape=note];
  n4 [label="contribute checks", shape=box];
  n5 [label="group checks", shape=folder];
  n6 [label="invoke main", shape=cds];
  n7 [label="supply shutdown", shape=note, style=dashed];
  n1 -> n0;
  n1 -> n3 [style=dashed];
  n2 -> n0;
  n4 -> n1;
  n5 -> n4;
  n6 -> n5 [style=dashed];
}
`)
  })

  it('draws Mermaid with the same boxes and arrows', () => {
    expect(app.visualize('mermaid')).toBe(`flowchart LR
  subgraph m0["net"]
    n0["supply a (private)"]
    n1["b"]
    n2["unused"]
  end
  n3["supply i&quot;dle"]
  n4["contribute checks"]
  n5["group checks"]
  n6["invoke main"]
  n7["supply shutdown"]
  n1 --> n0
  n1 -.-> n3
  n2 --> n0
  n4 --> n1
  n5 --> n4
  n6 -.-> n5
  classDef idle stroke-dasharray: 4 4
  class n2,n7 idle
`)
  })
})
