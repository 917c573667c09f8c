export { instrumentHfx, type Instrumentation, type InstrumentOptions } from './instrument-hfx.ts'
