import type { PlaneLayout } from './frame-layout.ts';

/** Red, green, blue, 0–255. */
export type Colour = readonly [red: number, green: number, blue: number];

export const black: Colour = [0, 0, 0];
export const white: Colour = [255, 255, 255];

/** A colour as the samples of one plane; YUV is ITU-R BT.601, limited range, as FFmpeg converts by default. */
export function samplesOf(component: PlaneLayout['component'], [red, green, blue]: Colour): number[] {
  switch (component) {
    case 'bgr':
      return [blue, green, red];
    case 'y':
      return [Math.round(16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255)];
    case 'u':
      return [Math.round(128 + (-37.797 * red - 74.203 * green + 112 * blue) / 255)];
    case 'v':
      return [Math.round(128 + (112 * red - 93.786 * green - 18.214 * blue) / 255)];
  }
}

const labelColours: Record<string, Colour> = {
  person: [64, 220, 96],
  motion: [255, 190, 40],
};

export function labelColour(label: string): Colour {
  return labelColours[label] ?? [70, 190, 255];
}
