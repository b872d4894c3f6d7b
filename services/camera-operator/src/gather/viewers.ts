import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import type { ResourceCache } from '@camplane/kubernetes/resource-cache';
import type { Clock } from '@camplane/runtime/clock';
import type { Pod } from '../decide/pod.ts';
import { pause } from '@camplane/runtime/pause';
import type { FetchText } from './fetch-text.ts';
import { podUrl } from './pod-url.ts';
import { readerCounts } from './reader-counts.ts';

export type Viewers = {
  /** Readers of the camera at all replicas of the edge; null: not known. */
  of(camera: string): number | null;
  run(signal: AbortSignal): Promise<void>;
};

const metricsPort = 9998;
const ageMaxMs = 60_000;
const edgePodsMax = 50;

/** Viewers as the edge counts them. `onNews` hears every camera whose number has changed since it was last told. */
export function createViewers(options: {
  edgePods: Pick<ResourceCache<KubernetesObject>, 'list'>;
  cameras: Pick<ResourceCache<KubernetesObject>, 'list'>;
  fetchText: FetchText;
  addressOf?: (pod: Pod) => string | null;
  onNews: (camera: string) => void;
  clock: Clock;
  random: () => number;
  periodMs?: number;
}): Viewers {
  const { edgePods, cameras, fetchText, onNews, clock, random } = options;
  const { addressOf = (pod: Pod) => podUrl(pod, metricsPort), periodMs = 10_000 } = options;
  const seen = new Map<string, { atMs: number; counts: Map<string, number> }>();
  let told = new Map<string, number | null>();

  async function scrape(pod: Pod, signal: AbortSignal): Promise<void> {
    const address = addressOf(pod);
    if (address === null) return;
    try {
      const counts = readerCounts(await fetchText(`${address}/metrics`, signal));
      seen.set(pod.metadata.name, { atMs: clock.now(), counts });
    } catch {
      // It is as it was for a while; then it is not counted.
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
    for (const [name, { atMs }] of seen) {
      if (!names.has(name) || clock.now() - atMs > ageMaxMs) seen.delete(name);
    }
  }

  function of(camera: string): number | null {
    if (seen.size === 0) return null;
    let sum = 0;
    for (const { counts } of seen.values()) sum += counts.get(camera) ?? 0;
    return sum;
  }

  function tell(): void {
    const now = new Map(cameras.list().map(({ metadata }) => [metadata.name, of(metadata.name)]));
    const before = told;
    told = now;
    for (const [camera, count] of now) if (count !== (before.get(camera) ?? null)) onNews(camera);
  }

  return {
    of,
    async run(signal) {
      while (!signal.aborted) {
        await scrapeAll(signal);
        if (!signal.aborted) tell();
        await pause(periodMs * (0.9 + 0.2 * random()), clock, signal);
      }
    },
  };
}
