import { parseMediaPath } from '@camplane/contracts/camera-id';

const line = /^paths_readers\{([^}]*)\} (\d+)/gm;
const nameLabel = /(?:^|,)name="([^"]*)"/;

/**
 * Readers per camera, over both streams, from MediaMTX metrics (`paths_readers{name="front-door",…} 2`, one line per
 * reader type). Omits cameras without readers.
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
