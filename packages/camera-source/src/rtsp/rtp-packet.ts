/** The fixed header of an RTP packet (RFC 3550, 5.1), and where its payload is. */
export type RtpPacket = {
  payloadType: number;
  marker: boolean;
  timestamp: number;
  payloadStart: number;
  payloadEnd: number;
};

const headerBytes = 12;

/** Undefined if the bytes from `start` to `end` are not an RTP packet with a payload. */
export function parseRtp(data: Buffer, start: number, end: number): RtpPacket | undefined {
  if (end - start <= headerBytes) return undefined;
  const flags = data[start] ?? 0;
  if (flags >> 6 !== 2) return undefined;
  let payloadStart = start + headerBytes + 4 * (flags & 0x0f);
  if ((flags & 0x10) !== 0) {
    if (payloadStart + 4 > end) return undefined;
    payloadStart += 4 + 4 * data.readUInt16BE(payloadStart + 2);
  }
  const padding = (flags & 0x20) === 0 ? 0 : (data[end - 1] ?? 0);
  const payloadEnd = end - padding;
  if (payloadStart >= payloadEnd) return undefined;
  const second = data[start + 1] ?? 0;
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    timestamp: data.readUInt32BE(start + 4),
    payloadStart,
    payloadEnd,
  };
}

/** RTCP packet types (RFC 3550, 12.1). */
const senderReport = 200;
const goodbye = 203;

/** What matters of a compound RTCP packet (RFC 3550, 6.1). */
export type RtcpContent = {
  hasBye: boolean;
  /** Times of the first sender report; null without one. */
  report: { ntpSeconds: number; rtpTimestamp: number } | null;
};

export function parseRtcp(data: Buffer, start: number, end: number): RtcpContent {
  const content: RtcpContent = { hasBye: false, report: null };
  for (let at = start; at + 4 <= end; at += 4 + 4 * data.readUInt16BE(at + 2)) {
    if (data[at + 1] === goodbye) content.hasBye = true;
    if (data[at + 1] === senderReport && at + 20 <= end) {
      const ntpSeconds = data.readUInt32BE(at + 8) + data.readUInt32BE(at + 12) / 2 ** 32;
      content.report ??= { ntpSeconds, rtpTimestamp: data.readUInt32BE(at + 16) };
    }
  }
  return content;
}
