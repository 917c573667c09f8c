export * from './manual-clock.ts'
export * from './temp-dir.ts'
export * from './file-store-contract.ts'
