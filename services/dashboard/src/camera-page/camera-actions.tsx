import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { useState } from 'react';
import { deleteCamera, readCamera, startCamera, stopCamera } from '../api/cameras.ts';
import { useApp, usePermits } from '../app-context.tsx';
import { ConfirmDialog } from '../interface/confirm-dialog.tsx';
import { Icon } from '../interface/icon.tsx';
import { Notice } from '../interface/notice.tsx';
import { useAction } from '../interface/use-action.ts';
import { displayNameOf, identityOf } from '../live/cameras-state.ts';
import { RouteLink } from '../routing/route-link.tsx';

export function CameraActions({ camera, status }: { camera: Camera; status: CameraStatus | undefined }) {
  const { feed, navigation, announce } = useApp();
  const [asking, setAsking] = useState(false);
  const power = useAction();
  const deletion = useAction();
  const name = displayNameOf(camera);

  const setLeaving = (leaving: boolean) => feed.dispatch({ type: 'leaving', cameraId: camera.id, leaving });
  const change = async (call: (id: string) => Promise<CameraStatus>, announcement: string) => {
    await power.run(async () => {
      feed.dispatch({ type: 'status', status: await call(camera.id) });
      feed.dispatch({ type: 'saved', camera: (await readCamera(camera.id)).camera });
      announce(announcement);
    });
  };
  const stop = async () => {
    setLeaving(true);
    await change(stopCamera, `${name} stopped.`);
    setLeaving(false);
  };
  const confirmDelete = async () => {
    setLeaving(true);
    const done = await deletion.run(() => deleteCamera(camera.id));
    if (!done) return setLeaving(false);
    setAsking(false);
    navigation.go({ page: 'cameras' }, { replace: true });
    feed.dispatch({ type: 'removed', cameraId: camera.id });
    announce(`${name} deleted.`);
  };

  const permits = usePermits();
  const identity = identityOf(camera);
  const operates = permits.camera('camera.operate', identity);
  const configures = permits.camera('camera.configure', identity);
  if (!operates && !configures) return null;
  return (
    <>
      <div className="actions">
        {operates && camera.enabled && status?.phase === 'ERROR' && (
          <button
            type="button"
            className="button"
            disabled={power.pending}
            onClick={() => void change(startCamera, `Connecting to ${name}.`)}
          >
            Try now
          </button>
        )}
        {operates && camera.enabled && (
          <button type="button" className="button" disabled={power.pending} onClick={() => void stop()}>
            <Icon name="stop" />
            Stop
          </button>
        )}
        {operates && !camera.enabled && (
          <button
            type="button"
            className="button button-primary"
            disabled={power.pending}
            onClick={() => void change(startCamera, `${name} started.`)}
          >
            <Icon name="play" />
            Start
          </button>
        )}
        {configures && (
          <>
            <RouteLink className="button" to={{ page: 'edit-camera', id: camera.id }}>
              <Icon name="edit" />
              Edit
            </RouteLink>
            <button type="button" className="button button-quiet-danger" onClick={() => setAsking(true)}>
              <Icon name="trash" />
              Delete
            </button>
          </>
        )}
      </div>
      {power.error !== null && <Notice tone="error">{power.error}</Notice>}
      {asking && (
        <ConfirmDialog
          title={`Delete ${name}?`}
          confirmLabel="Delete camera"
          pending={deletion.pending}
          onConfirm={() => void confirmDelete()}
          onCancel={() => setAsking(false)}
        >
          <p>
            This stops the camera and deletes its configuration and stored login. Viewers are disconnected. It
            cannot be undone.
          </p>
          {deletion.error !== null && <Notice tone="error">{deletion.error}</Notice>}
        </ConfirmDialog>
      )}
    </>
  );
}
