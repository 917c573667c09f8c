import type { OptionSpec } from '../option-spec.ts'

/** What people see. */
export const screenOptions: Readonly<Record<'progress' | 'logLevel' | 'detailedLogs', OptionSpec>> =
  {
    progress: {
      kind: 'choice',
      choices: ['auto', 'bars', 'log', 'json', 'none'],
      doc: 'How progress is shown.',
      default: 'auto',
      env: ['HF_PROGRESS_MODE'],
    },
    logLevel: {
      kind: 'choice',
      choices: ['debug', 'info', 'warn', 'error', 'silent'],
      doc: 'Least level of log records.',
      default: 'warn',
      env: ['HF_HUB_VERBOSITY'],
    },
    detailedLogs: {
      kind: 'boolean',
      doc: 'A log record for each file and retry, not only for jobs.',
      default: 'false',
      env: ['HFX_DETAILED_LOGS'],
    },
  }
