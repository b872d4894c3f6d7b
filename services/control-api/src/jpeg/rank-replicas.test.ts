import { describe, expect, it } from '@jest/globals';
import { rankReplicas } from './rank-replicas.ts';

const cameras = Array.from({ length: 300 }, (_, at) => `camera-${at}`);
const replicas = ['http://10.0.0.1:8081', 'http://10.0.0.2:8081', 'http://10.0.0.3:8081'];
const bestOf = (camera: string, of: readonly string[]) => rankReplicas(camera, of)[0];

describe('the ranking of replicas', () => {
  it('contains each replica once, regardless of the order of the list', () => {
    for (const camera of cameras) {
      const ranked = rankReplicas(camera, replicas);
      expect(ranked.toSorted()).toEqual(replicas);
      expect(rankReplicas(camera, replicas.toReversed())).toEqual(ranked);
    }
    expect(rankReplicas('door', [])).toEqual([]);
  });

  it('spreads cameras over the replicas', () => {
    for (const replica of replicas) {
      const share = cameras.filter((camera) => bestOf(camera, replicas) === replica).length;
      expect(share).toBeGreaterThan(70);
      expect(share).toBeLessThan(130);
    }
  });

  it('moves only the cameras of a lost replica, each to its second one', () => {
    const [lost = '', ...left] = replicas;
    for (const camera of cameras) {
      const ranked = rankReplicas(camera, replicas);
      expect(bestOf(camera, left)).toBe(ranked[0] === lost ? ranked[1] : ranked[0]);
    }
  });
});
