/** Arguments that publish to a MediaMTX path over RTSP. The target contains no secret. */
export function publishArguments(target: string): string[] {
  return ['-f', 'rtsp', '-rtsp_transport', 'tcp', '-pkt_size', String(packetBytes), target];
}

/**
 * Usually one packet per frame. FFmpeg does not disable Nagle's algorithm (RFC 896): if a frame is split into small
 * packets, all but the first wait for an acknowledgement, which the receiver delays by up to 40 ms. Large packets
 * reduced the latency of copied 720p30 by 22 ms at p50 and 37 ms at p95. MediaMTX splits them for readers over UDP
 * and WebRTC. RTSP interleaving allows at most 65,535 bytes.
 */
const packetBytes = 60_000;

/** Sound of the n-th input as Opus, which plays over WebRTC, HLS and RTSP; none unless requested. */
export function audioArguments(audio: boolean, input = 0): string[] {
  if (!audio) return ['-an'];
  return ['-map', `${input}:a:0`, '-c:a', 'libopus', '-ar', '48000', '-ac', '2', '-b:a', '64k'];
}

/** Do not hold pictures until sound of the same time arrives (up to 10 s by default); players sort by timestamp. */
export const soundNeverHoldsVideo: readonly string[] = ['-max_interleave_delta', '1'];

/**
 * H.264 for browsers at low latency: no B-frames (WebRTC does not support them), no lookahead, and a key frame every
 * `keyFrameSeconds` at any frame rate, so that a new viewer soon sees video. The interval counts from the last key
 * frame: counted from the start, a gap would be followed by a burst of key frames.
 */
export function h264Arguments(keyFrameSeconds: number): string[] {
  return [
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-bf', '0', '-pix_fmt', 'yuv420p'],
    ...['-force_key_frames', `expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+${keyFrameSeconds}))`],
  ];
}
