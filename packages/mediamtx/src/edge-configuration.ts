import { workloadName, workloadPorts } from '@camplane/contracts/camera-workload';
import { configurationOf } from './configuration.ts';

/** Ports of the edge's pods and Service. */
export const edgePorts = {
  rtsp: 8554,
  hls: 8888,
  webrtc: 8889,
  webrtcUdp: 8189,
  api: 9997,
  metrics: 9998,
} as const;

/** Port of control-api's auth hook, which only edges reach. */
export const mediaHookPort = 8082;

/**
 * The MediaMTX edge of a cluster. Viewers read from it, and it reads each camera's pod once, only while the camera has
 * viewers. control-api decides who may read and who may use the control API. Site-specific settings (addresses behind a
 * NAT, STUN, TURN) are `MTX_…` variables, as is the password for camera pods: `MTX_PATHDEFAULTS_SOURCE`.
 */
export function edgeConfiguration(): Record<string, unknown> {
  const base = configurationOf({
    // All IPv4 and IPv6 addresses.
    host: '',
    controlHost: '',
    ports: edgePorts,
    authUrl: `http://camplane-media-hook:${mediaHookPort}/mediamtx/auth`,
    controlAccess: 'hook',
    logLevel: 'info',
    // The dashboard through `kubectl port-forward`.
    allowOrigins: ['http://127.0.0.1:8080', 'http://localhost:8080'],
    additionalHosts: [],
  });
  return {
    ...base,
    pathDefaults: { source: `rtsp://${workloadName('$G1')}:${workloadPorts.rtsp}/$G1$G2` },
    // The hook knows which cameras exist, and refuses other names.
    paths: {
      '~^([a-z0-9-]+)(/sub)?$': {
        rtspTransport: 'tcp',
        sourceOnDemand: true,
        // MediaMTX retries a source after 5 s, but connects at once for a path that starts. A viewer who arrives while
        // the camera's pod is unavailable is therefore disconnected early, and its player's retry starts the path again.
        sourceOnDemandStartTimeout: '2s',
        // The idle time of an on-demand camera starts after this.
        sourceOnDemandCloseAfter: '2s',
      },
    },
  };
}
