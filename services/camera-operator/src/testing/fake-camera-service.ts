import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CameraPhase, CameraStatus } from '@camplane/contracts/camera-status';

export type FakeCameraService = {
  readonly url: string;
  /** The phase that pods report; null: they do not respond. */
  phase: CameraPhase | null;
  /** Readers at the edge, by path. */
  readers: Map<string, number>;
  /** Status requests so far. */
  requests: number;
  close(): Promise<void>;
};

/** Simulates the HTTP servers of all camera pods and of the edge. */
export async function startFakeCameraService(
  at: { host: string; port: number } = { host: '127.0.0.1', port: 0 },
): Promise<FakeCameraService> {
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      const lines = [...fake.readers].map(
        ([name, count]) => `paths_readers{name="${name}",state="ready"} ${count}`,
      );
      response.end(`${lines.join('\n')}\n`);
      return;
    }
    fake.requests += 1;
    const camera = /^\/cameras\/([^/]+)\/status$/.exec(request.url ?? '')?.[1];
    if (camera === undefined || fake.phase === null) {
      response.writeHead(503).end();
      return;
    }
    response.end(JSON.stringify(statusOf(camera, fake.phase)));
  });
  await new Promise<void>((resolve) => server.listen(at.port, at.host, resolve));
  const fake: FakeCameraService = {
    url: `http://${at.host}:${(server.address() as AddressInfo).port}`,
    phase: 'RUNNING',
    readers: new Map(),
    requests: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

function statusOf(cameraId: string, phase: CameraPhase): CameraStatus {
  const isRunning = phase === 'RUNNING';
  const now = new Date().toISOString();
  const reason = isRunning ? 'FramesFlowing' : 'ConnectionRefused';
  const message = isRunning ? 'Video is live.' : 'The camera refuses the connection.';
  const status = isRunning ? 'True' : 'False';
  const condition = { status, reason, message, lastTransitionTime: now, observedGeneration: 1 } as const;
  const addresses = { rtsp: 'rtsp://x', hls: 'http://x', webrtc: 'http://x' };
  return {
    ...{ cameraId, phase, reason, message, isRunning, restarts: 0, viewerCount: 0, peerConnectionCount: 0 },
    ...{ streamType: null, nextAttemptTime: null, uptimeSeconds: performance.now() / 1000 },
    lastFrameTime: isRunning ? now : null,
    lastHeartbeat: now,
    // Real frame rates vary.
    video: isRunning ? { codec: 'h264', width: 1280, height: 720, fps: 25 + Math.random() / 10 } : null,
    conditions: [
      { type: 'Ready', ...condition },
      { type: 'Connected', ...condition },
      { type: 'FramesFlowing', ...condition },
    ],
    endpoints: { ...addresses, sub: null },
  };
}
