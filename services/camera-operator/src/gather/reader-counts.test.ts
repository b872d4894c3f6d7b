import { describe, expect, it } from '@jest/globals';
import { readerCounts } from './reader-counts.ts';

describe('readerCounts', () => {
  it('sums the readers of both streams and all types', () => {
    const counts = readerCounts(`# Paths
paths{name="front-door",state="ready"} 1
paths_readers{name="front-door",readerType="rtspSession",state="ready"} 2
paths_readers{name="front-door",readerType="webRTCSession",state="ready"} 3
paths_readers{name="front-door/sub",readerType="rtspSession",state="ready"} 1
paths_readers{name="idle",readerType="",state="notReady"} 0
paths_readers{name="Not A Camera",readerType="",state="ready"} 7
paths_inbound_bytes{name="front-door",state="ready"} 123
`);
    expect([...counts]).toEqual([['front-door', 6]]);
  });

  it('returns nothing for other content', () => {
    expect([...readerCounts('<html>')]).toEqual([]);
  });
});
