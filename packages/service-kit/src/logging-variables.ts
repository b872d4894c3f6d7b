import { logLevelValue, wordValue } from './environment-values.ts';

/** The variables that every service has. */
export const loggingVariables = {
  LOG_LEVEL: {
    schema: logLevelValue,
    default: 'info',
    description: 'The least severe event that is logged.',
    example: 'debug',
  },
  LOG_FORMAT: {
    schema: wordValue(['auto', 'json', 'text']),
    default: 'auto',
    description:
      'How events are written to standard output. `auto` is text on a terminal and JSON elsewhere.',
  },
};
export type LoggingVariables = typeof loggingVariables;
