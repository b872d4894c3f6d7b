import type { Access } from '../access/access.ts';
import { hasRight } from '../access/camera-rights.ts';
import type { CameraDirectory } from '../access/camera-rights.ts';
import type { Principal } from '../access/principal.ts';

/** Why a viewing ends: its session or API token has ended, or the camera or the right to view it. */
export type ViewingEnd = 'signed-out' | 'not-found';

/** Long responses and sockets of viewers, which end with the right to them. */
export type Viewings = {
  /** @returns what stops the watch */
  watch(principal: Principal, cameraId: string, end: (reason: ViewingEnd) => void): () => void;
  stop(): void;
};

/** Sessions and tokens also end by time. */
const checkIntervalMs = 500;

export function createViewings(deps: {
  access: Pick<Access, 'refresh' | 'onChange'>;
  cameras: CameraDirectory & { onRelabelled(listener: () => void): () => void };
}): Viewings {
  const { access, cameras } = deps;
  type Viewing = { principal: Principal; cameraId: string; end(reason: ViewingEnd): void };
  const viewings = new Set<Viewing>();

  function check(): void {
    for (const viewing of [...viewings]) {
      const principal = access.refresh(viewing.principal);
      const { cameraId } = viewing;
      const mayView =
        principal !== null &&
        cameras.identity(cameraId) !== undefined &&
        hasRight(principal, 'camera.view', cameraId, cameras);
      if (mayView) continue;
      viewings.delete(viewing);
      viewing.end(principal === null ? 'signed-out' : 'not-found');
    }
  }

  const closers = [access.onChange(check), cameras.onRelabelled(check)];
  const timer = setInterval(check, checkIntervalMs);
  timer.unref();
  return {
    watch(principal, cameraId, end) {
      const viewing = { principal, cameraId, end };
      viewings.add(viewing);
      return () => viewings.delete(viewing);
    },
    stop() {
      clearInterval(timer);
      closers.forEach((close) => close());
    },
  };
}
