import { describe, expect, it } from '@jest/globals';
import { sampleEvent } from '../boxes/sample-detection.ts';
import { createDetectionStream } from './detection-stream.ts';

describe('the detection stream', () => {
  it('notifies the subscribers of a camera and those of all cameras', () => {
    const stream = createDetectionStream();
    const received: string[] = [];
    stream.subscribe('door', () => received.push('door'));
    stream.subscribe('yard', () => received.push('yard'));
    stream.subscribe(null, (_, receivedMs) => received.push(`all at ${receivedMs}`));
    stream.publish(sampleEvent(0, []), 5);
    expect(received).toEqual(['door', 'all at 5']);
  });

  it('does not notify after unsubscribing, but does after subscribing again', () => {
    const stream = createDetectionStream();
    let received = 0;
    const stop = stream.subscribe('door', () => (received += 1));
    stop();
    stream.publish(sampleEvent(0, []), 0);
    expect(received).toBe(0);
    stream.subscribe('door', () => (received += 1));
    stop();
    stream.publish(sampleEvent(0, []), 0);
    expect(received).toBe(1);
  });
});
