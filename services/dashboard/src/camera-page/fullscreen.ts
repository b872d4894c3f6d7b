/** Safari on iPhone supports full screen for video elements only, with its own method. */
type IphoneVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

export async function toggleFullscreen(frame: HTMLElement | null, video: IphoneVideo | null): Promise<void> {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (document.fullscreenEnabled) await frame?.requestFullscreen();
    else video?.webkitEnterFullscreen?.();
  } catch {
    // The browser refused, for example in an embedded page. The user sees that nothing changed.
  }
}
