import { onAbort } from '@camplane/runtime/abort';

/** A signal that is aborted with `outer`, or when the time is over; `end` frees both. */
export type TimeLimit = {
  readonly signal: AbortSignal;
  /** Whether it was the time. */
  readonly isOver: boolean;
  /** The time begins anew. */
  restart(): void;
  end(): void;
};

/** `AbortSignal.any` would keep something of every request at a signal that lives as long as the process. */
export function startTimeLimit(ms: number, outer?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  let isOver = false;
  const onTime = () => {
    isOver = true;
    controller.abort(new Error(`no answer within ${ms} ms`));
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
