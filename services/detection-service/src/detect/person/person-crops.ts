import { areaOf, overlapOf, unionOf } from '../boxes.ts';
import type { Box } from '../boxes.ts';

/** A part of the image to search for people, and the scale at which to search it. */
export type Crop = { box: Box; scale: number };

/** Height to which a moving region is scaled, well above the 96 pixels of a person that the search needs. */
const targetHeight = 150;
const scaleMin = 0.4;
const scaleMax = 3;
/** Margins in heights of the region: the search needs background, and feet and head may not move. */
const marginX = 0.35;
const marginY = 0.3;
/** Two crops are merged if that costs at most this many times the sum of both. */
const mergeCost = 1.15;
/** Pixels to search per frame: about a frame of 640×480 at twice its size. */
const pixelsMax = 900_000;

/**
 * Crops around moving regions. They may exceed the image. If they cost too much the last ones are left out, so the
 * caller rotates the order from frame to frame.
 */
export function planCrops(regions: readonly Box[]): Crop[] {
  const crops = mergeCrops(regions.map(cropAround));
  let pixels = 0;
  return crops.filter((crop, index) => {
    pixels += costOf(crop);
    return index === 0 || pixels <= pixelsMax;
  });
}

function cropAround(region: Box): Crop {
  const scale = Math.min(Math.max(targetHeight / region.height, scaleMin), scaleMax);
  // At least the window of the search.
  const reach = Math.max(region.height, targetHeight / scale);
  const box = {
    x: region.x - marginX * reach,
    y: region.y - marginY * reach,
    width: region.width + 2 * marginX * reach,
    height: region.height + 2 * marginY * reach,
  };
  return { box, scale };
}

function mergeCrops(crops: Crop[]): Crop[] {
  const merged = [...crops];
  for (let index = 0; index < merged.length; index++) {
    for (let other = index + 1; other < merged.length; other++) {
      const [a, b] = [merged[index], merged[other]];
      if (a === undefined || b === undefined || overlapOf(a.box, b.box) === 0) continue;
      const both = { box: unionOf(a.box, b.box), scale: Math.max(a.scale, b.scale) };
      if (costOf(both) > mergeCost * (costOf(a) + costOf(b))) continue;
      merged[index] = both;
      merged.splice(other, 1);
      index = -1;
      break;
    }
  }
  return merged;
}

function costOf({ box, scale }: Crop): number {
  return areaOf(box) * scale * scale;
}
