import { ApiError } from '@camplane/api-client/api-error';
import type { Camera } from '@camplane/contracts/camera-http';
import { useEffect, useState } from 'react';
import { messageOf } from '../api/message-of.ts';
import { readCamera, replaceCamera } from '../api/cameras.ts';
import { useApp } from '../app-context.tsx';
import { Notice } from '../interface/notice.tsx';
import { displayNameOf } from '../live/cameras-state.ts';
import { RouteLink } from '../routing/route-link.tsx';
import { CameraForm } from './camera-form.tsx';
import { bodyOf, valuesOf } from './form-values.ts';

/** Loads the camera again, because the page's copy may be outdated. */
export function EditCameraPage({ id }: { id: string }) {
  const { feed, navigation, announce } = useApp();
  const [loaded, setLoaded] = useState<{ camera: Camera; etag: string | null } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [outdated, setOutdated] = useState(false);

  useEffect(() => {
    const stop = new AbortController();
    setError(null);
    setOutdated(false);
    // Also unmounts the form, which keeps its values otherwise.
    setLoaded(null);
    readCamera(id, stop.signal).then(setLoaded, (thrown: unknown) => {
      if (!stop.signal.aborted) setError(messageOf(thrown));
    });
    return () => stop.abort();
  }, [id, attempt]);

  if (error !== null) {
    return (
      <div className="form-page">
        <h1>Edit camera</h1>
        <Notice tone="error">{error}</Notice>
        <div className="button-row">
          <button type="button" className="button" onClick={() => setAttempt(attempt + 1)}>
            Try again
          </button>
          <RouteLink className="button" to={{ page: 'cameras' }}>
            All cameras
          </RouteLink>
        </div>
      </div>
    );
  }
  if (!loaded) return <p className="page-note">Loading…</p>;
  const { camera, etag } = loaded;
  return (
    <div className="form-page">
      <h1>Edit {displayNameOf(camera)}</h1>
      <CameraForm
        initial={valuesOf(camera)}
        camera={camera}
        cancelTo={{ page: 'camera', id }}
        submitLabel="Save"
        save={async (values) => {
          const saved = await replaceCamera(id, bodyOf(values, camera), etag).catch((thrown: unknown) => {
            if (!(thrown instanceof ApiError) || thrown.code !== 'precondition-failed') throw thrown;
            setOutdated(true);
            throw new Error('Someone else has changed this camera since you opened this form.', {
              cause: thrown,
            });
          });
          feed.dispatch({ type: 'saved', camera: saved });
          navigation.go({ page: 'camera', id }, { replace: true });
          announce(`${displayNameOf(saved)} saved.`);
        }}
      />
      {outdated && (
        <Notice tone="warning">
          Your changes are not saved. Reload the camera to see its current settings, and make them again.
          <button type="button" className="button" onClick={() => setAttempt(attempt + 1)}>
            Reload
          </button>
        </Notice>
      )}
    </div>
  );
}
