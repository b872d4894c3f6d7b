import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { ResourceCache } from '@camplane/kubernetes/resource-cache';
import type { Clock } from '@camplane/runtime/clock';
import type { Pod } from '../decide/pod.ts';
import { pause } from '@camplane/runtime/pause';
import type { FetchText } from './fetch-text.ts';
import { podUrl } from './pod-url.ts';
import { readerCounts } from './reader-counts.ts';

export type Viewers = {
  /** Readers at all edge replicas; null: unknown. */
  count(camera: string): number | null;
  run(signal: AbortSignal): Promise<void>;
};

const metricsPort = 9998;
const ageMaxMs = 60_000;
const edgePodsMax = 50;

/** Scrapes viewer counts from the edge. `onChange` is called with each camera whose count has changed. */
export function createViewers(options: {
  edgePods: Pick<ResourceCache<KubernetesObject>, 'list'>;
  cameras: Pick<ResourceCache<KubernetesObject>, 'list'>;
  fetchText: FetchText;
  addressOf?: (pod: Pod) => string | null;
  onChange: (camera: string) => void;
  clock: Clock;
  random: () => number;
  periodMs?: number;
}): Viewers {
  const { edgePods, cameras, fetchText, onChange, clock, random } = options;
  const { addressOf = (pod: Pod) => podUrl(pod, metricsPort), periodMs = 10_000 } = options;
  const scrapes = new Map<string, { atMs: number; counts: Map<string, number> }>();
  let notified = new Map<string, number | null>();

  async function scrape(pod: Pod, signal: AbortSignal): Promise<void> {
    const address = addressOf(pod);
    if (address === null) return;
    try {
      const counts = readerCounts(await fetchText(`${address}/metrics`, signal));
      scrapes.set(pod.metadata.name, { atMs: clock.now(), counts });
    } catch {
      // The previous scrape counts until it is outdated.
    }
  }

  async function scrapeAll(signal: AbortSignal): Promise<void> {
    const pods = (edgePods.list() as readonly Pod[])
      .filter(
        ({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.phase === 'Running',
      )
      .slice(0, edgePodsMax);
    await Promise.all(pods.map((pod) => scrape(pod, signal)));
    const names = new Set(pods.map(({ metadata }) => metadata.name));
    for (const [name, { atMs }] of scrapes) {
      if (!names.has(name) || clock.now() - atMs > ageMaxMs) scrapes.delete(name);
    }
  }

  function count(camera: string): number | null {
    if (scrapes.size === 0) return null;
    let sum = 0;
    for (const { counts } of scrapes.values()) sum += counts.get(camera) ?? 0;
    return sum;
  }

  function notifyChanges(): void {
    const now = new Map(cameras.list().map(({ metadata }) => [metadata.name, count(metadata.name)]));
    const before = notified;
    notified = now;
    for (const [camera, viewers] of now) if (viewers !== (before.get(camera) ?? null)) onChange(camera);
  }

  return {
    count,
    async run(signal) {
      while (!signal.aborted) {
        await scrapeAll(signal);
        if (!signal.aborted) notifyChanges();
        await pause(periodMs * (0.9 + 0.2 * random()), clock, signal);
      }
    },
  };
}
