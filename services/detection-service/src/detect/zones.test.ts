import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countsInZones, isInside } from './zones.ts';

const rectangle = (left: number, top: number, right: number, bottom: number) => [
  { x: left, y: top },
  { x: right, y: top },
  { x: right, y: bottom },
  { x: left, y: bottom },
];
const zone = (...corners: [number, number, number, number]) => ({ name: '', points: rectangle(...corners) });
const person = { x: 0.4, y: 0.2, width: 0.1, height: 0.4 };

describe('zones', () => {
  it('contain an object with its feet inside', () => {
    expect(countsInZones(person, [zone(0.3, 0.5, 0.6, 0.7)])).toBe(true);
    expect(countsInZones(person, [zone(0.3, 0.1, 0.6, 0.5)])).toBe(false);
    expect(countsInZones(person, [zone(0, 0, 0.1, 0.1), zone(0.3, 0.5, 0.6, 0.7)])).toBe(true);
  });

  it('contain everything where none is defined', () => {
    expect(countsInZones(person, [])).toBe(true);
  });

  it('contain an object on the lower edge of the image', () => {
    expect(countsInZones({ x: 0.4, y: 0.5, width: 0.2, height: 0.5 }, [zone(0, 0.5, 1, 1)])).toBe(true);
  });

  it('may be concave', () => {
    // A U, open at the top.
    const points = [
      { x: 0, y: 0 },
      { x: 0.3, y: 0 },
      { x: 0.3, y: 0.7 },
      { x: 0.7, y: 0.7 },
      { x: 0.7, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: 1 },
      { x: 0, y: 1 },
    ];
    expect(isInside({ x: 0.5, y: 0.5 }, points)).toBe(false);
    expect(isInside({ x: 0.5, y: 0.8 }, points)).toBe(true);
    expect(isInside({ x: 0.1, y: 0.1 }, points)).toBe(true);
  });

  it('agree with a comparison of coordinates for a rectangle', () => {
    const value = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(value, value, (x, y) => {
        const plain = x < 0.75 && x >= 0.25 && y < 0.75 && y >= 0.25;
        fc.pre(![x, y].some((one) => one === 0.25 || one === 0.75));
        expect(isInside({ x, y }, rectangle(0.25, 0.25, 0.75, 0.75))).toBe(plain);
      }),
    );
  });
});
