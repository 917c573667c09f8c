import { expect, it } from 'vitest'
import { renderDiagram } from '../src/mermaid.ts'

const figure = renderDiagram('flowchart TD\n  hub --> "a < b"\n  hub --> cache\n')

it('draws a diagram without a script, a style or a font from elsewhere', () => {
  expect(figure).toContain('<svg ')
  expect(figure).toContain('>cache</text>')
  expect(figure).not.toMatch(/<style|<script|https?:\/\/(?!www\.w3\.org)/)
})

it('says the same as text', () => {
  expect(figure).toContain('hub --&gt; cache')
})
