/** The arguments that publish to a path of MediaMTX over RTSP. The target holds no secret. */
export function publishArguments(target: string): string[] {
  return ['-f', 'rtsp', '-rtsp_transport', 'tcp', '-pkt_size', String(packetBytes), target];
}

/**
 * A frame in one packet, as a rule. FFmpeg does not turn Nagle's algorithm (RFC 896) off: of a frame in many
 * small packets all but the first wait for an acknowledgement, which the other side puts off for up to 40 ms.
 * In large ones copied 720p30 was 22 ms less late in the middle and 37 ms at the 95th percentile. MediaMTX
 * cuts them to size for readers over UDP and WebRTC. The most that fits RTSP's interleaving is 65,535.
 */
const packetBytes = 60_000;

/** Sound of the n-th input as Opus, which plays over WebRTC, HLS and RTSP alike; none unless asked for. */
export function audioArguments(audio: boolean, input = 0): string[] {
  if (!audio) return ['-an'];
  return ['-map', `${input}:a:0`, '-c:a', 'libopus', '-ar', '48000', '-ac', '2', '-b:a', '64k'];
}

/**
 * H.264 as browsers play it and as fast as it is made: no B-frames (WebRTC does not carry them), no lookahead,
 * a key frame every `keyFrameSeconds` whatever the frame rate, so that a new viewer soon has a picture. Counted
 * from the last one: a count from the start would ask for one after another when a gap is over.
 */
export function h264Arguments(keyFrameSeconds: number): string[] {
  return [
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-bf', '0', '-pix_fmt', 'yuv420p'],
    ...['-force_key_frames', `expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+${keyFrameSeconds}))`],
  ];
}
