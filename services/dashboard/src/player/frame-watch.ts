export type FrameWatch = {
  start: () => void;
  stop: () => void;
  /** Call before another stream is attached: the browser's own count starts over. */
  restart: () => void;
  /** Frames presented since the watch was created. */
  count: () => number;
};

/**
 * Counts frames that reach the screen and writes the count to `data-frames`. Without `requestVideoFrameCallback` it uses
 * the decoder's count.
 */
export function watchFrames(video: HTMLVideoElement, onFrame: () => void): FrameWatch {
  let count = 0;
  let lastPresented = 0;
  let handle: number | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;

  const add = (presented: number) => {
    const fresh = presented >= lastPresented ? presented - lastPresented : presented;
    lastPresented = presented;
    if (fresh === 0) return;
    count += fresh;
    video.dataset['frames'] = String(count);
    onFrame();
  };
  const onVideoFrame: VideoFrameRequestCallback = (_now, { presentedFrames }) => {
    add(presentedFrames);
    handle = video.requestVideoFrameCallback(onVideoFrame);
  };
  const hasCallback = typeof video.requestVideoFrameCallback === 'function';

  return {
    start() {
      video.dataset['frames'] = String(count);
      if (hasCallback) handle = video.requestVideoFrameCallback(onVideoFrame);
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
    count: () => count,
  };
}
