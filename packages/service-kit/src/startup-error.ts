/** A service cannot start, and its operator can change that: the message names the remedy, a stack would not help. */
export class StartupError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StartupError';
  }
}
