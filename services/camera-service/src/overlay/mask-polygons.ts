import type { Polygon } from '@camplane/contracts/camera';
import type { FrameSize } from './frame-layout.ts';

/**
 * A privacy mask in samples of a plane: x, y, x, y, … A point maps to the sample that contains it. The filled polygon
 * includes its border, so no sample that the mask touches stays visible.
 */
export function maskPixels(polygon: Polygon, plane: FrameSize): number[] {
  return polygon.points.flatMap(({ x, y }) => [sample(x, plane.width), sample(y, plane.height)]);
}

function sample(fraction: number, samples: number): number {
  return Math.min(samples - 1, Math.max(0, Math.floor(fraction * samples)));
}
