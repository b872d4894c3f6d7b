export type FrameWatch = {
  start: () => void;
  stop: () => void;
  /** Call before another stream is attached: the browser's own count starts over. */
  restart: () => void;
  /** Whether frames of the video element count; they do not while pictures cover it. */
  countVideo: (counted: boolean) => void;
  /** Counts a picture. */
  addPicture: () => void;
  /** Frames presented since the watch was created. */
  count: () => number;
};

const pollEveryMs = 250;
/** Callbacks come with the first frame; WebKitGTK without a compositor has the function but never calls back. */
const callbackWithinMs = 2_000;

/**
 * Counts frames that reach the screen and writes the count to `data-frames`. Where `requestVideoFrameCallback` is absent
 * or silent it uses the decoder's count. `onVideoFrame` is called for frames of the video element even if they do not count.
 */
export function watchFrames(
  video: HTMLVideoElement,
  { onFrame, onVideoFrame }: { onFrame: () => void; onVideoFrame: () => void },
): FrameWatch {
  let count = 0;
  let lastPresented = 0;
  let videoCounts = true;
  let calledBack = false;
  let decodedSinceMs: number | null = null;
  let handle: number | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;

  const add = (presented: number) => {
    const fresh = presented >= lastPresented ? presented - lastPresented : presented;
    lastPresented = presented;
    if (fresh === 0) return;
    onVideoFrame();
    if (videoCounts) addShown(fresh);
  };
  const addShown = (fresh: number) => {
    count += fresh;
    video.dataset['frames'] = String(count);
    onFrame();
  };
  const onCallback: VideoFrameRequestCallback = (_now, { presentedFrames }) => {
    calledBack = true;
    add(presentedFrames);
    handle = video.requestVideoFrameCallback(onCallback);
  };
  const poll = () => {
    const { totalVideoFrames } = video.getVideoPlaybackQuality();
    if (totalVideoFrames === 0) decodedSinceMs = null;
    else decodedSinceMs ??= performance.now();
    const isSilent = decodedSinceMs !== null && performance.now() - decodedSinceMs > callbackWithinMs;
    if (!hasCallback || (!calledBack && isSilent)) add(totalVideoFrames);
  };
  const hasCallback = typeof video.requestVideoFrameCallback === 'function';

  return {
    start() {
      video.dataset['frames'] = String(count);
      if (hasCallback) handle = video.requestVideoFrameCallback(onCallback);
      timer = setInterval(poll, pollEveryMs);
    },
    stop() {
      clearInterval(timer);
      if (handle !== undefined) video.cancelVideoFrameCallback(handle);
      handle = undefined;
    },
    restart() {
      lastPresented = 0;
      decodedSinceMs = null;
    },
    countVideo: (counted) => void (videoCounts = counted),
    addPicture: () => addShown(1),
    count: () => count,
  };
}
