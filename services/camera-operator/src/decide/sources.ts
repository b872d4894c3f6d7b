import type { CameraResourceSpec } from '@camplane/contracts/camera-resource';
import { parseSourceUrl } from '@camplane/contracts/source-url';

/** What a camera's sources need from the node or a volume. */
export type SourceNeeds = {
  /** Device names, such as `video0`. */
  devices: string[];
  usesFiles: boolean;
};

export function sourcesOf(spec: CameraResourceSpec): SourceNeeds {
  const { url, subUrl } = spec.source;
  const sources = [url, subUrl]
    .filter((address) => address !== null)
    .map((address) => parseSourceUrl(address))
    .flatMap((parsed) => (parsed.ok ? [parsed.source] : []));
  const devices = sources.flatMap((source) =>
    source.kind === 'v4l2' ? [source.device.slice('/dev/'.length)] : [],
  );
  return {
    devices: [...new Set(devices)],
    usesFiles: sources.some(({ kind }) => kind === 'file'),
  };
}
