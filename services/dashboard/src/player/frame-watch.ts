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

/**
 * Counts frames that reach the screen and writes the count to `data-frames`. Without `requestVideoFrameCallback` it uses
 * the decoder's count. `onVideoFrame` is called for frames of the video element even if they do not count.
 */
export function watchFrames(
  video: HTMLVideoElement,
  { onFrame, onVideoFrame }: { onFrame: () => void; onVideoFrame: () => void },
): FrameWatch {
  let count = 0;
  let lastPresented = 0;
  let videoCounts = true;
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
    add(presentedFrames);
    handle = video.requestVideoFrameCallback(onCallback);
  };
  const hasCallback = typeof video.requestVideoFrameCallback === 'function';

  return {
    start() {
      video.dataset['frames'] = String(count);
      if (hasCallback) handle = video.requestVideoFrameCallback(onCallback);
      else timer = setInterval(() => add(video.getVideoPlaybackQuality().totalVideoFrames), 250);
    },
    stop() {
      clearInterval(timer);
      if (handle !== undefined) video.cancelVideoFrameCallback(handle);
      handle = undefined;
    },
    restart() {
      lastPresented = 0;
    },
    countVideo: (counted) => void (videoCounts = counted),
    addPicture: () => addShown(1),
    count: () => count,
  };
}
