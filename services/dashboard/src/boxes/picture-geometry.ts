import type { BoundingBox } from '@camplane/contracts/detection';

export type Size = { width: number; height: number };
export type Rectangle = Size & { x: number; y: number };

/** Where `object-fit: contain` puts a picture within an element; null while either has no size. */
export function containedRectangle(element: Size, picture: Size): Rectangle | null {
  if (Math.min(element.width, element.height, picture.width, picture.height) <= 0) return null;
  const scale = Math.min(element.width / picture.width, element.height / picture.height);
  const width = picture.width * scale;
  const height = picture.height * scale;
  return { x: (element.width - width) / 2, y: (element.height - height) / 2, width, height };
}

/** What is around a box takes this much of the cut, so that one sees where it is. */
const boxShare = 0.55;
/** Smaller cuts show more of the JPEG's blocks than of the scene. */
const cutMin = 0.3;

/**
 * The part of a picture to show for a box, as fractions of the picture, in the shape `aspect` (width by height).
 * It lies within the picture where the shapes allow it.
 */
export function cutAround(box: BoundingBox, picture: Size, aspect: number): Rectangle {
  // In the picture's own fractions, a cut of that shape is this much wider than high.
  const shape = (aspect * picture.height) / picture.width;
  const heightWanted = Math.max(box.height / boxShare, box.width / boxShare / shape, cutMin);
  // As large as fits, once it does not fit.
  const height = Math.min(heightWanted, 1, 1 / shape);
  const width = height * shape;
  return {
    x: within(box.x + box.width / 2 - width / 2, 1 - width),
    y: within(box.y + box.height / 2 - height / 2, 1 - height),
    width,
    height,
  };
}

/** A rectangle of the picture as fractions of a cut of it: where a box is drawn over the cut. */
export function withinCut(box: Rectangle, cut: Rectangle): Rectangle {
  return {
    x: (box.x - cut.x) / cut.width,
    y: (box.y - cut.y) / cut.height,
    width: box.width / cut.width,
    height: box.height / cut.height,
  };
}

export const wholePicture: Rectangle = { x: 0, y: 0, width: 1, height: 1 };

function within(value: number, max: number): number {
  return Math.min(Math.max(0, value), Math.max(0, max));
}
