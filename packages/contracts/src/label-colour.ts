/** Red, green, blue, 0–255. */
export type Colour = readonly [red: number, green: number, blue: number];

const labelColours: Readonly<Record<string, Colour>> = {
  person: [64, 220, 96],
  motion: [255, 190, 40],
};

/** Colour of a detection box, the same in the overlay and in the dashboard. */
export function labelColour(label: string): Colour {
  return labelColours[label] ?? [70, 190, 255];
}
