import type { CurrentSession } from '@camplane/contracts/access';
import { createContext, use, useMemo, useSyncExternalStore } from 'react';
import type { BoxesPreference } from './boxes/boxes-preference.ts';
import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { DecoderLoad } from './grid/decoder-load.ts';
import type { LiveSlots } from './grid/live-slots.ts';
import type { CameraFeed } from './live/camera-feed.ts';
import type { PictureFeed } from './live/picture-feed.ts';
import type { DetectionHistory } from './detections/detection-history.ts';
import type { DetectionStream } from './live/detection-stream.ts';
import type { CamerasState } from './live/cameras-state.ts';
import type { Navigation } from './routing/navigation.ts';
import type { Route } from './routing/route.ts';
import { permitsOf } from './session/permits.ts';
import type { Permits } from './session/permits.ts';
import type { SessionStore } from './session/session-store.ts';
import type { WallSettings } from './wall/wall-settings.ts';

/** Lives as long as a user is signed in; created in `main.tsx`. */
export type AppParts = {
  session: SessionStore;
  navigation: Navigation;
  feed: CameraFeed;
  liveSlots: LiveSlots;
  decoderLoad: DecoderLoad;
  pictureFeed: PictureFeed;
  wall: WallSettings;
  detections: DetectionStream;
  /** The list of the Detections page, kept when the user leaves the page. */
  history: DetectionHistory;
  /** A separate list, such as on a camera's page. */
  newHistory: (pageSize: number) => DetectionHistory;
  boxesShown: BoxesPreference;
  /** Reads a sentence out to screen readers and shows it briefly. */
  announce: (message: string) => void;
};

export const AppContext = createContext<AppParts | null>(null);

export function useApp(): AppParts {
  const parts = use(AppContext);
  if (!parts) throw new Error('useApp was called outside AppContext');
  return parts;
}

export function useRoute(): Route {
  const { navigation } = useApp();
  return useSyncExternalStore(navigation.subscribe, navigation.current);
}

export function useCameras(): CamerasState {
  const { feed } = useApp();
  return useSyncExternalStore(feed.subscribe, feed.current);
}

export function useCamera(id: string): { camera: Camera | undefined; status: CameraStatus | undefined } {
  const { cameras, statuses } = useCameras();
  return { camera: cameras?.find((camera) => camera.id === id), status: statuses.get(id) };
}

/** Who is signed in. */
export function useSession(): CurrentSession {
  const { session } = useApp();
  const state = useSyncExternalStore(session.subscribe, session.current);
  if (state.kind !== 'signed-in') return noSession;
  return state.session;
}

/** What the signed-in user may do. */
export function usePermits(): Permits {
  const session = useSession();
  return useMemo(() => permitsOf(session), [session]);
}

/** For the last render before the login page replaces the dashboard. */
const noSession: CurrentSession = {
  method: 'session',
  userId: null,
  username: null,
  displayName: '',
  signIn: null,
  rights: [],
  expiresAt: null,
};
