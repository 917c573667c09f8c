import { expect, it } from 'vitest'
import { HttpError, HubError, visible } from '../src/index.ts'

it('no error plays with the terminal it is printed on, whoever chose its words', () => {
  const error = new HubError({
    code: 'HUB_ENTRY_NOT_FOUND',
    message: 'no file \u001B]52;c;aGk=\u0007\u202Egnp.exe\nsecond line',
    hint: 'see \u009B2J\r',
  })
  expect(error.message).toBe('no file \uFFFD]52;c;aGk=\uFFFD\uFFFDgnp.exe\nsecond line')
  expect(error.hint).toBe('see \uFFFD2J\uFFFD')
  for (const sign of '\u001B\u0007\u202E') expect(error.stack).not.toContain(sign)
})

it.each([
  ['Root=1-6890ab-0', 'Root=1-6890ab-0'],
  ['x'.repeat(201), undefined],
  ['\u001B[2J', undefined],
  ['', undefined],
])('the request id %j is told as %j', (requestId, told) => {
  const error = new HttpError({
    code: 'HUB_SERVER_ERROR',
    message: 'failed',
    url: 'https://hub.example/',
    retryable: true,
    requestId,
    repoCommit: requestId,
  })
  expect([error.requestId, error.repoCommit]).toEqual([told, told])
})

it('a text is visible as a whole: line ends, tabs and C1 controls are marked too', () => {
  expect(visible('a\nb\tc\u0085d\u2066e ünï 🤗')).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFDe ünï 🤗')
})
