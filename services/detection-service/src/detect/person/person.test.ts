import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sharedArea } from '../boxes.ts';
import { choosePeople, personConfidence } from './choose-people.ts';
import { planCrops } from './person-crops.ts';
import { createRememberedPlaces } from './remembered-places.ts';

const box = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });

describe('personConfidence', () => {
  it('is 0.5 at a distance of 0.4, and between 0 and 1', () => {
    expect(personConfidence(0.4)).toBe(0.5);
    expect(personConfidence(-1e6)).toBeGreaterThanOrEqual(0);
    expect(personConfidence(1e6)).toBeLessThanOrEqual(1);
    expect(personConfidence(1)).toBeGreaterThan(personConfidence(0.9));
  });

  it('has one box per person', () => {
    const candidates = [
      { box: box(100, 100, 40, 80), distance: 2 },
      { box: box(104, 98, 40, 84), distance: 1.5 },
      { box: box(300, 100, 40, 80), distance: 0.1 },
    ];
    expect(choosePeople(candidates).map(({ box: { x } }) => x)).toEqual([100, 300]);
  });
});

describe('planCrops', () => {
  it('enlarges small people and shrinks large ones', () => {
    const [far, near] = planCrops([box(10, 10, 12, 30), box(600, 100, 200, 500)]);
    expect(far?.scale).toBe(3);
    expect(near?.scale).toBeLessThan(0.5);
  });

  it('merges crops if that does not cost extra', () => {
    expect(planCrops([box(100, 100, 30, 80), box(120, 100, 30, 80)])).toHaveLength(1);
    expect(planCrops([box(100, 100, 30, 80), box(500, 100, 30, 80)])).toHaveLength(2);
  });

  const region = fc.record({
    x: fc.integer({ min: 0, max: 1800 }),
    y: fc.integer({ min: 0, max: 1000 }),
    width: fc.integer({ min: 2, max: 1900 }),
    height: fc.integer({ min: 2, max: 1080 }),
  });

  it('contains the regions at a bounded cost', () => {
    fc.assert(
      fc.property(fc.array(region, { minLength: 1, maxLength: 32 }), (regions) => {
        const crops = planCrops(regions);
        const first = regions[0] ?? box(0, 0, 0, 0);
        const held = Math.max(...crops.map((crop) => sharedArea(crop.box, first)));
        expect(held).toBeGreaterThan(0.99 * first.width * first.height);
        const costs = crops.map(({ box: { width, height }, scale }) => width * height * scale ** 2);
        // The first is searched at any cost.
        expect(costs.slice(1).reduce((sum, cost) => sum + cost, 0)).toBeLessThanOrEqual(900_000);
      }),
    );
  });
});

describe('createRememberedPlaces', () => {
  const person = box(100, 100, 40, 80);

  it('keeps a place while a person is found there without motion', () => {
    const places = createRememberedPlaces();
    places.remember([{ box: person, moves: true }], 0);
    for (let at = 500; at <= 100_000; at += 500) {
      expect(places.at(at)).toEqual([person]);
      places.remember([{ box: person, moves: false }], at);
    }
    // A post that looks like a person is forgotten eventually.
    expect(places.at(121_000)).toEqual([]);
  });

  it('forgets a place a few seconds after the last detection', () => {
    const places = createRememberedPlaces();
    places.remember([{ box: person, moves: true }], 0);
    places.remember([], 4_000);
    expect(places.at(5_000)).toEqual([person]);
    expect(places.at(5_001)).toEqual([]);
  });

  it('limits the number of places', () => {
    const places = createRememberedPlaces();
    const many = Array.from({ length: 50 }, (_, index) => ({ box: box(index * 50, 0, 40, 80), moves: true }));
    places.remember(many, 0);
    expect(places.at(0)).toHaveLength(16);
  });
});
