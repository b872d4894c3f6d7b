/** Ports of one MediaMTX. WebRTC media uses `webrtcUdp` over UDP, and over TCP if UDP is blocked. */
export type MediaServerPorts = {
  rtsp: number;
  hls: number;
  webrtc: number;
  webrtcUdp: number;
  api: number;
  metrics: number | null;
};

/** Ports of a MediaMTX that serves RTSP only, without HLS and WebRTC. */
export type RtspServerPorts = Pick<MediaServerPorts, 'rtsp' | 'api' | 'metrics'>;

/** The use of each port, for error messages of `runMediaServer`. */
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
  /** Listen address for viewers: `127.0.0.1`, or `0.0.0.0` behind a network policy. */
  host: string;
  /** Listen address of the control API and the metrics, which only Camplane uses. */
  controlHost?: string;
  ports: MediaServerPorts | RtspServerPorts;
  /** URL of the auth hook; null allows everything, for tests. */
  authUrl: string | null;
  /**
   * Access to the control API. `open`: any client that reaches its port. `hook`: the auth hook decides, and must check
   * the API client's credentials (see `decideAccess`). Prefer `hook`: a web page on the same machine can post to a
   * loopback port, and the configuration of a path may contain commands to run.
   */
  controlAccess: 'open' | 'hook';
  logLevel: 'error' | 'warn' | 'info' | 'debug';
  /** Origins that may play HLS and WebRTC, such as `http://127.0.0.1:8080`; `*` for any. */
  allowOrigins: string[];
  /** Addresses or names offered as WebRTC candidates besides those of the interfaces (NAT, node ports). */
  additionalHosts: string[];
  /**
   * HLS and WebRTC over HTTPS alone, and RTSP over TLS on one more port. MediaMTX loads replaced files itself. Plain RTSP
   * remains, for publishers on loopback.
   */
  tls?: { certFile: string; keyFile: string; rtspsPort: number };
  /** When to disconnect a silent publisher. Longer than the supervisor's stall detection, which acts first. */
  readTimeoutMs?: number;
};

/** A copied camera with a key frame a minute publishes nothing before the first one. */
const readTimeoutMsDefault = 75_000;

/**
 * MediaMTX's configuration file (https://mediamtx.org/docs/references/configuration-file), version 1.20. Written as
 * JSON, which is valid YAML.
 */
export function mediaServerConfiguration(settings: MediaServerSettings): string {
  return `${JSON.stringify(configurationOf(settings), null, 2)}\n`;
}

/** The configuration as an object. */
export function configurationOf(settings: MediaServerSettings): Record<string, unknown> {
  const { host, ports, controlHost = '127.0.0.1' } = settings;
  return {
    logLevel: settings.logLevel,
    logDestinations: ['stdout'],
    logStructured: true,
    readTimeout: milliseconds(settings.readTimeoutMs ?? readTimeoutMsDefault),
    writeTimeout: '10s',
    // Packets buffered for a slow reader: two key frames of a 4K stream. Must be a power of two.
    writeQueueSize: 1024,
    ...access(settings),

    api: true,
    apiAddress: address(controlHost, ports.api),
    apiAllowOrigins: [],
    metrics: ports.metrics !== null,
    ...(ports.metrics === null ? {} : { metricsAddress: address(controlHost, ports.metrics) }),
    metricsAllowOrigins: [],
    pprof: false,
    playback: false,

    rtsp: true,
    // UDP needs two more ports and loses packets under load; every client supports TCP.
    rtspTransports: ['tcp'],
    ...rtspEncryption(settings),
    rtspAddress: address(host, ports.rtsp),
    rtmp: false,
    srt: false,
    moq: false,

    ...('hls' in ports ? forBrowsers(settings, ports) : { hls: false, webrtc: false }),

    // Paths are added by the API. With a pattern the hook refuses unknown paths, in the same way as those of others:
    // MediaMTX itself would reveal which paths exist.
    paths: settings.authUrl === null ? {} : { all_others: {} },
  };
}

function forBrowsers(
  { host, allowOrigins, additionalHosts, tls }: MediaServerSettings,
  ports: MediaServerPorts,
): Record<string, unknown> {
  return {
    hls: true,
    hlsAddress: address(host, ports.hls),
    ...(tls ? { hlsEncryption: true, hlsServerCert: tls.certFile, hlsServerKey: tls.keyFile } : {}),
    hlsAllowOrigins: allowOrigins,
    // hls.js supports low latency over plain HTTP; only Apple's player requires TLS.
    hlsVariant: 'lowLatency',
    hlsSegmentCount: 7,
    hlsSegmentDuration: '1s',
    hlsPartDuration: '200ms',
    // Packaging costs CPU: do it only while there are readers.
    hlsAlwaysRemux: false,
    hlsMuxerCloseAfter: '30s',

    webrtc: true,
    webrtcAddress: address(host, ports.webrtc),
    ...(tls ? { webrtcEncryption: true, webrtcServerCert: tls.certFile, webrtcServerKey: tls.keyFile } : {}),
    webrtcAllowOrigins: allowOrigins,
    webrtcLocalUDPAddress: address(host, ports.webrtcUdp),
    webrtcLocalTCPAddress: address(host, ports.webrtcUdp),
    webrtcIPsFromInterfaces: true,
    webrtcAdditionalHosts: additionalHosts,
  };
}

function rtspEncryption({ host, tls }: MediaServerSettings): Record<string, unknown> {
  if (!tls) return { rtspEncryption: 'no' };
  return {
    rtspEncryption: 'optional',
    rtspsAddress: address(host, tls.rtspsPort),
    rtspServerCert: tls.certFile,
    rtspServerKey: tls.keyFile,
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
    // Since 1.20.1 these call the hook too unless excluded. Metrics are read-only and contain no secrets.
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
