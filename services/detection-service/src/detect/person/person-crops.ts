import { areaOf, overlapOf, unionOf } from '../boxes.ts';
import type { Box } from '../boxes.ts';

/** A part of the picture to look for people in, and how much larger or smaller it is made before. */
export type Crop = { box: Box; scale: number };

/** What moves is made so high: a lone person is then well above the 96 pixels that the search needs. */
const wantedHeight = 150;
const scaleMin = 0.4;
const scaleMax = 3;
/** Room around what moves, in its heights: the search wants some background, and feet and heads may stand still. */
const marginX = 0.35;
const marginY = 0.3;
/** Two crops become one where that costs at most so much more than both. */
const mergeCost = 1.15;
/** Pixels searched in one picture: about as many as a whole picture of 640×480 has, doubled in size. */
const pixelsMax = 900_000;

/**
 * Crops around what moves. May reach beyond the picture. Where they cost too much the last ones are left out, so
 * the caller changes the order from picture to picture.
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
  const scale = Math.min(Math.max(wantedHeight / region.height, scaleMin), scaleMax);
  // Not less than the search's window needs, however small the region.
  const reach = Math.max(region.height, wantedHeight / scale);
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
