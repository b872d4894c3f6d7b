import type { Camera } from '@camplane/contracts/camera-http';
import type { Endpoints } from '@camplane/contracts/camera-status';
import { useState } from 'react';
import { useApp, useCamera, useCameras, usePermits, useSession } from '../app-context.tsx';
import { Icon } from '../interface/icon.tsx';
import { PhaseBadge } from '../interface/phase-badge.tsx';
import { CopyField } from '../interface/copy-field.tsx';
import { displayNameOf, identityOf } from '../live/cameras-state.ts';
import { RouteLink } from '../routing/route-link.tsx';
import { notLiveReason } from '../wording/phase.ts';
import { CameraActions } from './camera-actions.tsx';
import { CameraState } from './camera-state.tsx';
import { Conditions } from './conditions.tsx';
import { RecentDetections } from './recent-detections.tsx';
import { Stage } from './stage.tsx';

export function CameraPage({ id }: { id: string }) {
  const { camera, status } = useCamera(id);
  const { cameras, connection } = useCameras();
  const permits = usePermits();
  const [playing, setPlaying] = useState(false);
  if (!camera) {
    if (cameras === null) return <p className="page-note">{connection.kind === 'lost' ? '' : 'Loading…'}</p>;
    return <NoSuchCamera id={id} />;
  }
  const name = displayNameOf(camera);
  const endpoints = status?.endpoints;
  return (
    <>
      <div className="page-head">
        <RouteLink className="back" to={{ page: 'cameras' }} aria-label="All cameras">
          <Icon name="back" />
        </RouteLink>
        <h1>{name}</h1>
        <span aria-live="polite">
          <PhaseBadge status={status} />
        </span>
        <CameraActions camera={camera} status={status} />
      </div>
      <div className="camera-layout">
        <div className="camera-main">
          <Stage camera={camera} name={name} status={status} onPlayingChange={setPlaying} />
          {permits.camera('detection.view', identityOf(camera)) && <RecentDetections camera={camera} />}
        </div>
        <aside className="camera-side">
          <section className="card" aria-labelledby="state-title">
            <h2 id="state-title">State</h2>
            <p className="state-reason" aria-live="polite">
              {notLiveReason(status) ?? 'The camera is live.'}
            </p>
            <CameraState status={status} playingHere={playing} />
          </section>
          {status && status.conditions.length > 0 && (
            <section className="card" aria-labelledby="conditions-title">
              <h2 id="conditions-title">Conditions</h2>
              <Conditions conditions={status.conditions} />
            </section>
          )}
          {endpoints && endpoints.rtsp !== '' && <Addresses cameraId={id} endpoints={endpoints} />}
          <About camera={camera} />
        </aside>
      </div>
    </>
  );
}

function Addresses({ cameraId, endpoints }: { cameraId: string; endpoints: Endpoints }) {
  const { method } = useSession();
  return (
    <section className="card" aria-labelledby="addresses-title">
      <h2 id="addresses-title">Stream addresses</h2>
      <CopyField label="RTSP (VLC and other players)" value={endpoints.rtsp} />
      <CopyField label="HLS" value={endpoints.hls} />
      {endpoints.sub && <CopyField label="RTSP, sub stream" value={endpoints.sub.rtsp} />}
      {method !== 'none' && (
        <p className="field-hint">
          Players must sign in.{' '}
          <RouteLink to={{ page: 'account', camera: cameraId }}>Create an address with a login</RouteLink>
        </p>
      )}
    </section>
  );
}

function About({ camera }: { camera: Camera }) {
  const labels = Object.entries(camera.labels);
  const configures = usePermits().camera('camera.configure', identityOf(camera));
  return (
    <section className="card" aria-labelledby="about-title">
      <h2 id="about-title">Camera</h2>
      {camera.description !== '' && <p>{camera.description}</p>}
      <dl className="facts">
        <div>
          <dt>Id</dt>
          <dd>{camera.id}</dd>
        </div>
        {configures && (
          <div>
            <dt>Source</dt>
            <dd className="breakable">{camera.source.url}</dd>
          </div>
        )}
        <div>
          <dt>Mode</dt>
          <dd>{camera.video.mode}</dd>
        </div>
        {labels.length > 0 && (
          <div>
            <dt>Labels</dt>
            <dd>{labels.map(([key, value]) => `${key} = ${value}`).join(', ')}</dd>
          </div>
        )}
        <div>
          <dt>Start</dt>
          <dd>{camera.lifecycle.start === 'Always' ? 'always on' : 'on demand'}</dd>
        </div>
      </dl>
    </section>
  );
}

function NoSuchCamera({ id }: { id: string }) {
  const { navigation } = useApp();
  return (
    <div className="empty">
      <h1>Camera “{id}” not found</h1>
      <p>It may have been deleted.</p>
      <button type="button" className="button" onClick={() => navigation.go({ page: 'cameras' })}>
        All cameras
      </button>
    </div>
  );
}
