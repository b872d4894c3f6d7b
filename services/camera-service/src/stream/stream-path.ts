import { cameraPath } from '@camplane/mediamtx/camera-path';
import type { Slate } from '@camplane/mediamtx/camera-path';
import { mediaServerTracks } from '../slate/media-server-tracks.ts';
import { createPathSlate } from '../slate/path-slate.ts';
import type { PathSlate } from '../slate/path-slate.ts';
import { publishSlate } from '../slate/publish-slate.ts';
import type { SlateTracks } from '../slate/slate-files.ts';
import type { StreamDependencies } from './stream-dependencies.ts';

/** The MediaMTX path of one stream, and the slate that readers see while no video is published there. */
export type StreamPath = {
  readonly slate: Omit<PathSlate, 'stop'>;
  /**
   * Creates or updates the path with a slate of these tracks; null: no slate, the path comes and goes with the video.
   * Resolves to whether MediaMTX has the path now. Throws if MediaMTX refuses it.
   */
  prepare(tracks: SlateTracks | null): Promise<boolean>;
  /** Creates the path before the source is inspected; a refusal is logged. Resolves as `prepare` does. */
  announce(tracks: SlateTracks): Promise<boolean>;
  /** Stops publishing the slate. The path stays until `remove`. */
  close(): Promise<void>;
  remove(): Promise<void>;
};

export function createStreamPath(
  name: string,
  dependencies: Pick<StreamDependencies, 'paths' | 'slates' | 'log' | 'ffmpegPath' | 'publishUrl'>,
  labels: { camera: string; stream: string },
): StreamPath {
  const { paths, slates, log, ffmpegPath } = dependencies;
  let closed = false;
  let latestCall = 0;
  const slate = createPathSlate({
    path: name,
    files: slates,
    publish: (file, signal) =>
      publishSlate({ ffmpegPath, file, target: dependencies.publishUrl(name), signal }),
    onError: (error) => log.debug({ ...labels, err: error }, 'updating the slate failed, will retry'),
  });

  /** Video does not wait for a slate: if none can be drawn (a full disk), MediaMTX shows its own. */
  async function slateFor(tracks: SlateTracks | null): Promise<Slate> {
    if (!tracks) return { kind: 'none' };
    try {
      return { kind: 'file', file: await slates.ensure(name, tracks) };
    } catch (error) {
      if (!closed) log.warn({ ...labels, err: error }, "drawing the slate failed, using MediaMTX's own");
      return { kind: 'tracks', tracks: mediaServerTracks(tracks) };
    }
  }

  async function prepare(tracks: SlateTracks | null): Promise<boolean> {
    latestCall += 1;
    const call = latestCall;
    const shown = await slateFor(tracks);
    // A drawing may take longer than that of a later call, whose tracks are the current ones.
    return call === latestCall && paths.set(name, cameraPath(shown));
  }

  return {
    slate,
    prepare,
    async announce(tracks) {
      try {
        return await prepare(tracks);
      } catch (error) {
        log.warn({ ...labels, err: error }, 'MediaMTX refused the path, will retry');
        return false;
      }
    },
    close() {
      closed = true;
      return slate.stop();
    },
    async remove() {
      // While MediaMTX has the path it may open the slate, and exits if the file is missing.
      if (await paths.remove(name)) await slates.remove(name);
    },
  };
}
