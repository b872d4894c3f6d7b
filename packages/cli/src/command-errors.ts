/** A wrong command line. The message contains the remedy. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure that is reported in one sentence, without a stack. Exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
