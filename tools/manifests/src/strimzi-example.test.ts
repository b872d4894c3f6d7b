import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadLetterTopic } from '@camplane/contracts/dead-letter';
import { framesTopic } from '@camplane/contracts/frame';
import type { Topic } from '@camplane/contracts/topic';
import { cameraStatusTopic, detectionsTopic } from '@camplane/contracts/topics';
import { topicConfiguration } from '@camplane/event-bus/kafka/topic-keeper';
import { describe, expect, it } from '@jest/globals';
import { manifestsOf, root } from './testing/render.ts';

const example = manifestsOf(readFileSync(join(root, 'k8s/examples/strimzi-kafka.yaml'), 'utf8'));

describe('the example of Strimzi', () => {
  it('is of the one version that Strimzi takes from 1.0 on', () => {
    expect([...new Set(example.map(({ apiVersion }) => apiVersion))]).toEqual(['kafka.strimzi.io/v1']);
  });

  it('has every topic as Camplane would make it, with three copies', () => {
    const topics = [framesTopic, detectionsTopic, cameraStatusTopic, deadLetterTopic] as Topic<unknown>[];
    const wanted = topics.map((topic) => {
      const made = topicConfiguration(topic, { partitions: 6 });
      const config = (made.configEntries ?? []).map(({ name, value }) => [name, value] as const);
      return [made.topic, { partitions: 6, replicas: 3, config: Object.fromEntries(config) }];
    });
    const given = example
      .filter(({ kind }) => kind === 'KafkaTopic')
      .map((manifest) => {
        const spec = manifest['spec'] as { config: Record<string, string | number> };
        const config = Object.entries(spec.config).map(([name, value]) => [name, String(value)] as const);
        return [manifest.metadata.name, { ...spec, config: Object.fromEntries(config) }];
      });
    expect(Object.fromEntries(given)).toEqual(Object.fromEntries(wanted));
  });
});
