export type FrameWatch = {
  start: () => void;
  stop: () => void;
  /** A new stream is about to be shown: the browser's own count begins again. */
  restart: () => void;
  /** Pictures presented since the watch was made. */
  count: () => number;
};

/**
 * Counts the pictures that really reach the screen, and writes the count to `data-frames`. Where the browser
 * has no `requestVideoFrameCallback`, its decoder's count stands in.
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
