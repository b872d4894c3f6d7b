import { useState } from 'react';
import type { SyntheticEvent } from 'react';
import { api } from '../api/client.ts';
import { useCameras } from '../app-context.tsx';
import { CopyField } from '../interface/copy-field.tsx';
import { Notice } from '../interface/notice.tsx';
import { useAction } from '../interface/use-action.ts';
import { displayNameOf } from '../live/cameras-state.ts';
import { isLoopback, playerAddress } from './player-address.ts';

type Props = { username: string; camera: string | null; onCreated: () => void };

/** Makes a token for one camera and shows the address that VLC and recorders need. */
export function PlayerSection({ username, camera, onCreated }: Props) {
  const { cameras, statuses } = useCameras();
  const [chosen, setChosen] = useState(camera);
  const [made, setMade] = useState<{ cameraId: string; secret: string } | null>(null);
  const action = useAction();
  if (cameras === null || cameras.length === 0) return null;
  const cameraId = cameras.some(({ id }) => id === chosen) ? chosen : (cameras[0]?.id ?? null);

  const create = (event: SyntheticEvent) => {
    event.preventDefault();
    if (cameraId === null) return;
    void action.run(async () => {
      const { secret } = await api.createToken({
        body: {
          name: `Player: ${cameraId}`.slice(0, 64),
          permissions: ['camera.view'],
          scope: { kind: 'cameras', ids: [cameraId] },
          expiresAt: null,
        },
      });
      setMade({ cameraId, secret });
      onCreated();
    });
  };

  return (
    <section className="section" aria-labelledby="player-title">
      <h2 id="player-title">Watch in VLC or record elsewhere</h2>
      <p className="field-hint">
        Creates an API token that can only view one camera, and the RTSP address that contains it.
      </p>
      <form className="inline-form" onSubmit={create}>
        <label className="field">
          <span>Camera</span>
          <select value={cameraId ?? ''} onChange={({ target }) => setChosen(target.value)}>
            {cameras.map((one) => (
              <option key={one.id} value={one.id}>
                {displayNameOf(one)}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="button" disabled={action.pending}>
          {action.pending ? 'Creating…' : 'Create address'}
        </button>
      </form>
      {action.error !== null && <Notice tone="error">{action.error}</Notice>}
      {made !== null && (
        <MadeAddress
          address={playerAddress(statuses.get(made.cameraId)?.endpoints.rtsp ?? '', username, made.secret)}
          username={username}
          secret={made.secret}
        />
      )}
    </section>
  );
}

function MadeAddress({
  address,
  username,
  secret,
}: {
  address: string | null;
  username: string;
  secret: string;
}) {
  return (
    <div className="secret" role="group" aria-label="New address">
      <p>
        <strong>Copy it now: it is shown once.</strong> Anyone with this address can view the camera until you
        revoke the token below.
      </p>
      {address === null ? (
        <>
          <p>The camera has no address yet. The player asks for a user name and a password:</p>
          <CopyField label="User name" value={username} />
          <CopyField label="Token, as the password" value={secret} />
        </>
      ) : (
        <CopyField label="RTSP address" value={address} />
      )}
      {address !== null && isLoopback(address) && (
        <p className="field-hint">
          This address works on the machine that runs Camplane. To watch from elsewhere, Camplane must listen
          on the network.
        </p>
      )}
    </div>
  );
}
