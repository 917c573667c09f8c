export { type Instrumentation, instrumentHfx, type InstrumentOptions } from './instrument-hfx.ts'
export { createPrometheusTextfile, type PrometheusTextfile } from './prometheus.ts'
