import type { Colour } from '@camplane/contracts/label-colour';
import type { PlaneLayout } from './frame-layout.ts';

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
