import { onAbort } from '@camplane/runtime/abort';

/** A signal that is aborted after a timeout or with an outer signal. `end` releases timer and listener. */
export type TimeLimit = {
  readonly signal: AbortSignal;
  /** Whether the timeout was the reason. */
  readonly isOver: boolean;
  /** Restarts the timeout. */
  restart(): void;
  end(): void;
};

/** Not `AbortSignal.any`, which would retain memory per request on a signal that lives as long as the process. */
export function startTimeLimit(ms: number, outer?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  let isOver = false;
  const onTime = () => {
    isOver = true;
    controller.abort(new Error(`timeout after ${ms} ms`));
  };
  const onOuter = () => controller.abort(outer?.reason);
  const timer = setTimeout(onTime, ms);
  const removeListener = outer && onAbort(outer, onOuter);
  return {
    signal: controller.signal,
    get isOver() {
      return isOver;
    },
    restart: () => void timer.refresh(),
    end() {
      clearTimeout(timer);
      removeListener?.();
    },
  };
}
