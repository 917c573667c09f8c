import { token, type Token } from '../src/index.ts'

export const A: Token<string, 'a'> = token('a')
export const B: Token<string, 'b'> = token('b')
export const C: Token<string, 'c'> = token('c')
export const NUMBER: Token<number, 'number'> = token('number')
export const TEXT: Token<string, 'text'> = token('text')
export const LOG: Token<{ readonly name: string }, 'log'> = token('log')
