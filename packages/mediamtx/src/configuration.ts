/** Ports of one MediaMTX. WebRTC media uses `webrtcUdp` over UDP and, where UDP is blocked, over TCP too. */
export type MediaServerPorts = {
  rtsp: number;
  hls: number;
  webrtc: number;
  webrtcUdp: number;
  api: number;
  metrics: number | null;
};

/** Of a MediaMTX that serves RTSP alone: HLS and WebRTC are off. */
export type RtspServerPorts = Pick<MediaServerPorts, 'rtsp' | 'api' | 'metrics'>;

/** What each port is for, in words, as `runMediaServer` wants it. */
export function portUsesOf(ports: MediaServerPorts): Record<number, string> {
  return {
    [ports.rtsp]: 'RTSP',
    [ports.hls]: 'HLS',
    [ports.webrtc]: 'WebRTC',
    [ports.webrtcUdp]: 'WebRTC media',
    [ports.api]: 'API',
    ...(ports.metrics === null ? {} : { [ports.metrics]: 'metrics' }),
  };
}

export type MediaServerSettings = {
  /** Where viewers connect: `127.0.0.1`, or `0.0.0.0` behind a network policy. */
  host: string;
  /** Where the control API and the metrics listen; they are for Camplane alone. */
  controlHost?: string;
  ports: MediaServerPorts | RtspServerPorts;
  /** Where MediaMTX asks whether a request is allowed; null allows everything, for tests. */
  authUrl: string | null;
  /**
   * Who answers for the control API. `open`: whoever reaches its port. `hook`: the auth hook, which then must
   * check the credentials that the API client sends (see `decideAccess`). A web page on the same machine can
   * post to a loopback port, and a path's configuration may name commands to run: prefer `hook`.
   */
  controlAccess: 'open' | 'hook';
  logLevel: 'error' | 'warn' | 'info' | 'debug';
  /** Origins whose pages may play HLS and WebRTC, as `http://127.0.0.1:8080`; `*` for any. */
  allowOrigins: string[];
  /** Addresses or names offered as WebRTC candidates beside those of the interfaces (NAT, node ports). */
  additionalHosts: string[];
  /** How long a silent publisher is kept. Longer than the supervisor's stall detection, which acts first. */
  readTimeoutMs?: number;
};

const readTimeoutMsDefault = 10_000;

/**
 * MediaMTX's configuration file (https://mediamtx.org/docs/references/configuration-file), version 1.20.
 * JSON is YAML, so the text needs no YAML writer and no quoting rules of its own.
 */
export function mediaServerConfiguration(settings: MediaServerSettings): string {
  return `${JSON.stringify(configurationOf(settings), null, 2)}\n`;
}

/** The same, key by key. */
export function configurationOf(settings: MediaServerSettings): Record<string, unknown> {
  const { host, ports, controlHost = '127.0.0.1' } = settings;
  return {
    logLevel: settings.logLevel,
    logDestinations: ['stdout'],
    logStructured: true,
    readTimeout: milliseconds(settings.readTimeoutMs ?? readTimeoutMsDefault),
    writeTimeout: '10s',
    // Packets kept for a slow reader: two key frames of a 4K stream. A power of two.
    writeQueueSize: 1024,
    ...access(settings),

    api: true,
    apiAddress: address(controlHost, ports.api),
    // No page of another origin has business with the API.
    apiAllowOrigins: [],
    metrics: ports.metrics !== null,
    ...(ports.metrics === null ? {} : { metricsAddress: address(controlHost, ports.metrics) }),
    metricsAllowOrigins: [],
    pprof: false,
    playback: false,

    rtsp: true,
    // UDP would need a pair of ports more and loses packets under load; every client speaks TCP.
    rtspTransports: ['tcp'],
    rtspEncryption: 'no',
    rtspAddress: address(host, ports.rtsp),
    rtmp: false,
    srt: false,
    moq: false,

    ...('hls' in ports ? forBrowsers(settings, ports) : { hls: false, webrtc: false }),

    // Paths come over the API; none matches by pattern, so an unknown path is refused by MediaMTX itself.
    paths: {},
  };
}

function forBrowsers(
  { host, allowOrigins, additionalHosts }: MediaServerSettings,
  ports: MediaServerPorts,
): Record<string, unknown> {
  return {
    hls: true,
    hlsAddress: address(host, ports.hls),
    hlsAllowOrigins: allowOrigins,
    // Low latency works with hls.js over plain HTTP; only Apple's own player wants TLS for it.
    hlsVariant: 'lowLatency',
    hlsSegmentCount: 7,
    hlsSegmentDuration: '1s',
    hlsPartDuration: '200ms',
    // Packaging costs CPU: only while someone watches.
    hlsAlwaysRemux: false,
    hlsMuxerCloseAfter: '30s',

    webrtc: true,
    webrtcAddress: address(host, ports.webrtc),
    webrtcAllowOrigins: allowOrigins,
    webrtcLocalUDPAddress: address(host, ports.webrtcUdp),
    webrtcLocalTCPAddress: address(host, ports.webrtcUdp),
    webrtcIPsFromInterfaces: true,
    webrtcAdditionalHosts: additionalHosts,
  };
}

function access({ authUrl, controlAccess }: MediaServerSettings): Record<string, unknown> {
  if (authUrl === null) {
    const everything = ['publish', 'read', 'playback', 'api', 'metrics'].map((action) => ({ action }));
    return { authMethod: 'internal', authInternalUsers: [{ user: 'any', permissions: everything }] };
  }
  return {
    authMethod: 'http',
    authHTTPAddress: authUrl,
    // Since 1.20.1 these ask the hook too unless they are excluded. Metrics say nothing secret and change nothing.
    authHTTPExclude:
      controlAccess === 'open' ? [{ action: 'api' }, { action: 'metrics' }] : [{ action: 'metrics' }],
  };
}

function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function milliseconds(value: number): string {
  return `${value}ms`;
}
