/** Options of a `ws` server that sends live JPEG and whose upgrades are routed by the HTTP server. */
export const jpegSocketOptions = {
  noServer: true,
  // JPEG does not compress.
  perMessageDeflate: false,
  // Pings of clients are relayed, or answered within a rate limit.
  autoPong: false,
  clientTracking: true,
} as const;
