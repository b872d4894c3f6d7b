import { logLevelValue, wordValue } from './environment-values.ts';

/** The variables of every service. */
export const loggingVariables = {
  LOG_LEVEL: {
    schema: logLevelValue,
    default: 'info',
    description: 'Minimum level of logged events.',
    example: 'debug',
  },
  LOG_FORMAT: {
    schema: wordValue(['auto', 'json', 'text']),
    default: 'auto',
    description: 'Format of log lines. `auto`: text on a terminal, JSON elsewhere.',
  },
};
export type LoggingVariables = typeof loggingVariables;
