/** An offer of a browser to receive video, or its answer, with the lines that matter. */
export function sdpExample(direction: 'recvonly' | 'sendonly'): string {
  const lines = [
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=video 9 UDP/TLS/RTP/SAVPF 102',
    'c=IN IP4 0.0.0.0',
    'a=ice-ufrag:x7Yd',
    'a=ice-pwd:0123456789abcdef01234567',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => '0F').join(':')}`,
    `a=setup:${direction === 'recvonly' ? 'actpass' : 'active'}`,
    'a=mid:0',
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtpmap:102 H264/90000',
    'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

export const sdpFragmentExample =
  'a=ice-ufrag:x7Yd\r\na=ice-pwd:0123456789abcdef01234567\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n';

/** Id of a WHEP session: the last part of its `Location`. */
export const whepSessionExample = 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ';
