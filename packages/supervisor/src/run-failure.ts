import type { StreamFailureKind } from '@camplane/contracts/camera-status';

/** Why a run ended: a kind for programs and a message for people. */
export class RunFailure extends Error {
  readonly kind: StreamFailureKind;

  constructor(kind: StreamFailureKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'RunFailure';
    this.kind = kind;
  }
}
