import { parseMediaPath } from '@camplane/contracts/camera-id';

const line = /^paths_readers\{([^}]*)\} (\d+)/gm;
const nameLabel = /(?:^|,)name="([^"]*)"/;

/**
 * Readers by camera, both its streams together, of a MediaMTX's metrics (`paths_readers{name="front-door",…} 2`, a
 * line for each kind of reader). Cameras without readers are left out.
 */
export function readerCounts(metrics: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, labels = '', count = ''] of metrics.matchAll(line)) {
    const path = parseMediaPath(nameLabel.exec(labels)?.[1] ?? '');
    if (path === undefined || Number(count) === 0) continue;
    counts.set(path.cameraId, (counts.get(path.cameraId) ?? 0) + Number(count));
  }
  return counts;
}
