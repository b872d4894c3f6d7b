import { workloadName, workloadPorts } from '@camplane/contracts/camera-workload';
import { configurationOf } from './configuration.ts';

/** Ports of the edge's pods, and of its Service. */
export const edgePorts = {
  rtsp: 8554,
  hls: 8888,
  webrtc: 8889,
  webrtcUdp: 8189,
  api: 9997,
  metrics: 9998,
} as const;

/**
 * MediaMTX at the edge of a cluster: viewers read here, and it reads each camera's pod once for all of them, while
 * there are any. What differs from place to place (addresses behind a NAT, STUN and TURN) comes as `MTX_…` variables.
 */
export function edgeConfiguration(): Record<string, unknown> {
  const made = configurationOf({
    // Every address, of both families.
    host: '',
    ports: edgePorts,
    authUrl: null,
    controlAccess: 'open',
    logLevel: 'info',
    // The dashboard's, where `kubectl port-forward` brings it.
    allowOrigins: ['http://127.0.0.1:8080', 'http://localhost:8080'],
    additionalHosts: [],
  });
  return {
    ...made,
    authInternalUsers: [
      { user: 'any', permissions: [{ action: 'read' }, { action: 'metrics' }] },
      // Of the pod alone: `kubectl port-forward` reaches it.
      { user: 'any', ips: ['127.0.0.1', '::1'], permissions: [{ action: 'api' }] },
    ],
    metricsAddress: `:${edgePorts.metrics}`,
    paths: {
      '~^([a-z0-9-]+)(/sub)?$': {
        source: `rtsp://${workloadName('$G1')}:${workloadPorts.rtsp}/$G1$G2`,
        rtspTransport: 'tcp',
        sourceOnDemand: true,
        // MediaMTX tries a source again after 5 s, but at once for a path that starts: a viewer who came while the
        // camera's pod was away is let go sooner, and the next attempt of its player is one of ours.
        sourceOnDemandStartTimeout: '2s',
        // A camera that runs while it is watched counts its idle time from here.
        sourceOnDemandCloseAfter: '2s',
      },
    },
  };
}
