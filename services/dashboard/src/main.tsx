import './zod-without-evaluation.ts';
import './styles/base.css';
import './styles/controls.css';
import './styles/grid.css';
import './styles/camera-page.css';
import './styles/form.css';
import './styles/detections.css';
import './styles/access.css';
import './styles/wall.css';
import { openLiveConnection } from '@camplane/api-client/live-connection';
import { eventsUrl } from '@camplane/api-client/operation-url';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { listCameras, listStatuses } from './api/cameras.ts';
import { api, onRefusal } from './api/client.ts';
import { listDetections } from './api/detections.ts';
import { createBoxesPreference } from './boxes/boxes-preference.ts';
import { createDetectionHistory } from './detections/detection-history.ts';
import { firstBudget } from './grid/decoder-budget.ts';
import { createDecoderLoad } from './grid/decoder-load.ts';
import { createLiveSlots } from './grid/live-slots.ts';
import { createAnnouncer } from './interface/announcer.ts';
import { createCameraFeed } from './live/camera-feed.ts';
import { createDetectionStream } from './live/detection-stream.ts';
import { runEventSocket } from './live/event-socket.ts';
import { createPictureFeed } from './live/picture-feed.ts';
import { createNavigation } from './routing/navigation.ts';
import { SessionGate } from './session/session-gate.tsx';
import { createSessionStore } from './session/session-store.ts';
import { takeSignInFailure } from './session/sign-in-failure.ts';
import { takeWelcomeToken } from './session/welcome-token.ts';
import { createWallSettings } from './wall/wall-settings.ts';

const detectionsPageSize = 48;
/** An administrator may change what this user may do. */
const rightsRefreshMs = 30_000;

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const socketUrl = eventsUrl(window.location.origin);

// Before anything else reads or reports the address.
const welcomeToken = takeWelcomeToken(window);
const signInFailure = takeSignInFailure(window);
const navigation = createNavigation(window);
const announce = createAnnouncer(document);

function later(task: () => void, delayMs: number): () => void {
  const timer = setTimeout(task, delayMs);
  return () => clearTimeout(timer);
}

const session = createSessionStore({
  readSession: () => api.readSession(),
  createSession: (body) => api.createSession({ body }),
  deleteSession: () => api.deleteSession(),
  later,
  random: () => Math.random(),
});
onRefusal(() => void session.refresh());

/** What one signed-in user sees, and the connection that updates it. */
function startParts() {
  const stop = new AbortController();
  const onSessionEnd = () => void session.refresh();
  const detections = createDetectionStream();
  const feed = createCameraFeed({
    listCameras,
    listStatuses,
    onDetection: detections.publish,
    runEvents: (handlers, signal) => runEventSocket(socketUrl, { ...handlers, onSessionEnd }, signal),
    nowMs: () => Date.now(),
    random: () => Math.random(),
  });
  const liveSlots = createLiveSlots(firstBudget.limit);
  const decoderLoad = createDecoderLoad(liveSlots);
  const pictureFeed = createPictureFeed({
    open: (listener) => openLiveConnection({ baseUrl: window.location.origin }, listener),
    later,
  });
  const newHistory = (pageSize: number) =>
    createDetectionHistory({ list: listDetections, stream: detections, later, pageSize });
  void feed.run(stop.signal);
  const timer = setInterval(() => {
    if (!document.hidden) void session.refresh();
  }, rightsRefreshMs);
  let rights = rightsText();
  const removeListener = session.subscribe(() => {
    if (rights === rightsText()) return;
    rights = rightsText();
    // Other rights may mean other cameras.
    feed.reload();
  });
  stop.signal.addEventListener('abort', () => {
    clearInterval(timer);
    removeListener();
    decoderLoad.stop();
    pictureFeed.close();
  });
  const shown = () => {
    if (document.hidden) return;
    feed.retryNow();
    void session.refresh();
  };
  document.addEventListener('visibilitychange', shown, { signal: stop.signal });
  const parts = {
    session,
    navigation,
    feed,
    liveSlots,
    decoderLoad,
    pictureFeed,
    wall: createWallSettings(() => window.localStorage),
    detections,
    history: newHistory(detectionsPageSize),
    newHistory,
    boxesShown: createBoxesPreference(() => window.localStorage),
    announce,
  };
  return { parts, stop: () => stop.abort() };
}

function rightsText(): string {
  const state = session.current();
  return state.kind === 'signed-in' ? JSON.stringify(state.session.rights) : '';
}

void session.start(welcomeToken);

createRoot(root).render(
  <StrictMode>
    <SessionGate session={session} signInFailure={signInFailure} startParts={startParts} />
  </StrictMode>,
);
