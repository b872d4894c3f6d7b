/** A service cannot start for a reason that its operator can fix. The message names the remedy; no stack is logged. */
export class StartupError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StartupError';
  }
}
