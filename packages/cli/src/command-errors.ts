/** The command line itself is wrong: told with what would be right, and another exit code than a failure. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure that is told in one sentence, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
