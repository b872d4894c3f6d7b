import './styles/base.css';
import './styles/controls.css';
import './styles/grid.css';
import './styles/camera-page.css';
import './styles/form.css';
import './styles/detections.css';
import { eventsUrl } from '@camplane/api-client/operation-url';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { listCameras, listStatuses } from './api/cameras.ts';
import { listDetections } from './api/detections.ts';
import { AppContext } from './app-context.tsx';
import { App } from './app.tsx';
import { createBoxesPreference } from './boxes/boxes-preference.ts';
import { createDetectionHistory } from './detections/detection-history.ts';
import { createLiveSlots } from './grid/live-slots.ts';
import { createAnnouncer } from './interface/announcer.ts';
import { createCameraFeed } from './live/camera-feed.ts';
import { createDetectionStream } from './live/detection-stream.ts';
import { runEventSocket } from './live/event-socket.ts';
import { createNavigation } from './routing/navigation.ts';

/** An average laptop decodes this many streams. */
const liveTilesMax = 9;
const detectionsPageSize = 48;

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const socketUrl = eventsUrl(window.location.origin);

const detections = createDetectionStream();
const feed = createCameraFeed({
  listCameras,
  listStatuses,
  onDetection: detections.publish,
  runEvents: (handlers, signal) => runEventSocket(socketUrl, handlers, signal),
  nowMs: () => Date.now(),
  random: () => Math.random(),
});
// Never aborted: the feed lives as long as the page.
void feed.run(new AbortController().signal);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) feed.retryNow();
});

const newHistory = (pageSize: number) =>
  createDetectionHistory({
    list: listDetections,
    stream: detections,
    later(task, delayMs) {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
    pageSize,
  });

const parts = {
  navigation: createNavigation(window),
  feed,
  liveSlots: createLiveSlots(liveTilesMax),
  detections,
  history: newHistory(detectionsPageSize),
  newHistory,
  boxesShown: createBoxesPreference(() => window.localStorage),
  announce: createAnnouncer(document),
};

createRoot(root).render(
  <StrictMode>
    <AppContext value={parts}>
      <App />
    </AppContext>
  </StrictMode>,
);
