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

describe('the Strimzi example', () => {
  it('uses the API version of Strimzi 1.0', () => {
    expect([...new Set(example.map(({ apiVersion }) => apiVersion))]).toEqual(['kafka.strimzi.io/v1']);
  });

  it('has every topic with Camplane’s settings and three replicas', () => {
    const topics = [framesTopic, detectionsTopic, cameraStatusTopic, deadLetterTopic] as Topic<unknown>[];
    const expected = topics.map((topic) => {
      const created = topicConfiguration(topic, { partitions: 6 });
      const config = (created.configEntries ?? []).map(({ name, value }) => [name, value] as const);
      return [created.topic, { partitions: 6, replicas: 3, config: Object.fromEntries(config) }];
    });
    const given = example
      .filter(({ kind }) => kind === 'KafkaTopic')
      .map((manifest) => {
        const spec = manifest['spec'] as { config: Record<string, string | number> };
        const config = Object.entries(spec.config).map(([name, value]) => [name, String(value)] as const);
        return [manifest.metadata.name, { ...spec, config: Object.fromEntries(config) }];
      });
    expect(Object.fromEntries(given)).toEqual(Object.fromEntries(expected));
  });
});
