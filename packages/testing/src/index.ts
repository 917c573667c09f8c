export * from './manual-clock.ts'
export * from './temp-dir.ts'
