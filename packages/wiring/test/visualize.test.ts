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

const A: Token<string, 'a'> = token('a')
const B: Token<string, 'b'> = token('b')
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
  n0 [label="supply shutdown", shape=note, style=dashed];
  n4 [label="supply i\\"dle", shape=note];
  n5 [label="contribute checks", shape=box];
  n6 [label="group checks", shape=folder];
  n7 [label="invoke main", shape=cds];
  subgraph cluster_1 {
    label="net";
    n1 [label="supply a (private)", shape=note];
    n2 [label="b", shape=box];
    n3 [label="unused", shape=box, style=dashed];
  }
  n2 -> n1;
  n2 -> n4 [style=dashed];
  n3 -> n1;
  n5 -> n2;
  n6 -> n5;
  n7 -> n6 [style=dashed];
}
`)
  })

  it('draws Mermaid with the same boxes and arrows', () => {
    expect(app.visualize('mermaid')).toBe(`flowchart LR
  n0["supply shutdown"]
  n4["supply i&quot;dle"]
  n5["contribute checks"]
  n6["group checks"]
  n7["invoke main"]
  subgraph m1["net"]
    n1["supply a (private)"]
    n2["b"]
    n3["unused"]
  end
  n2 --> n1
  n2 -.-> n4
  n3 --> n1
  n5 --> n2
  n6 --> n5
  n7 -.-> n6
  classDef idle stroke-dasharray: 4 4
  class n0,n3 idle
`)
  })
})
