import { describe, expect, it } from '@jest/globals';
import { sampleEvent } from '../boxes/sample-detection.ts';
import { createDetectionStream } from './detection-stream.ts';

describe('the stream of detections', () => {
  it('tells those who follow the camera and those who follow all', () => {
    const stream = createDetectionStream();
    const heard: string[] = [];
    stream.follow('door', () => heard.push('door'));
    stream.follow('yard', () => heard.push('yard'));
    stream.follow(null, (_, heardMs) => heard.push(`all at ${heardMs}`));
    stream.tell(sampleEvent(0, []), 5);
    expect(heard).toEqual(['door', 'all at 5']);
  });

  it('tells nobody who stopped following, and those who began again', () => {
    const stream = createDetectionStream();
    let heard = 0;
    const stop = stream.follow('door', () => (heard += 1));
    stop();
    stream.tell(sampleEvent(0, []), 0);
    expect(heard).toBe(0);
    stream.follow('door', () => (heard += 1));
    stop();
    stream.tell(sampleEvent(0, []), 0);
    expect(heard).toBe(1);
  });
});
