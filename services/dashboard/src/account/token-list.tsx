import type { ApiToken } from '@camplane/contracts/access';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { useApp, useCameras } from '../app-context.tsx';
import { ConfirmDialog } from '../interface/confirm-dialog.tsx';
import { LoadFailure } from '../interface/load-failure.tsx';
import { Notice } from '../interface/notice.tsx';
import { useAction } from '../interface/use-action.ts';
import type { Loaded } from '../interface/use-loaded.ts';
import { useNow } from '../interface/use-now.ts';
import { scopeText, permissionTexts } from '../wording/access.ts';
import { coarseAgoText } from '../wording/detection.ts';
import { tokenExpiryText } from './token-values.ts';

/** API tokens, each with a button that revokes it. */
export function TokenList({
  tokens: { value: tokens, error, reload },
}: {
  tokens: Loaded<readonly ApiToken[]>;
}) {
  const { announce } = useApp();
  const action = useAction();
  const [asked, setAsked] = useState<ApiToken | null>(null);
  const revoke = ({ id, name }: ApiToken) =>
    action.run(async () => {
      await api.revokeToken({ id });
      setAsked(null);
      announce(`${name} revoked.`);
      reload();
    });
  return (
    <>
      <LoadFailure what="The tokens" error={error} retry={reload} />
      {tokens === null && error === null && <p className="muted">Loading…</p>}
      {tokens?.length === 0 && <p className="muted">No tokens.</p>}
      <ul className="rows">
        {tokens?.map((token) => (
          <TokenRow key={token.id} token={token} revoke={() => setAsked(token)} />
        ))}
      </ul>
      {asked !== null && (
        <ConfirmDialog
          title={`Revoke ${asked.name}?`}
          confirmLabel="Revoke token"
          pendingLabel="Revoking…"
          pending={action.pending}
          onConfirm={() => void revoke(asked)}
          onCancel={() => setAsked(null)}
        >
          <p>Programs that use this token lose access at once. Their video stops.</p>
          {action.error !== null && <Notice tone="error">{action.error}</Notice>}
        </ConfirmDialog>
      )}
    </>
  );
}

function TokenRow({ token, revoke }: { token: ApiToken; revoke: () => void }) {
  const nowMs = useNow();
  const { cameras } = useCameras();
  const used =
    token.lastUsedAt === null ? 'never used' : `used ${coarseAgoText(Date.parse(token.lastUsedAt), nowMs)}`;
  return (
    <li className="row">
      <div className="row-text">
        <strong>{token.name}</strong>
        <span className="muted">
          {token.permissions.map((permission) => permissionTexts[permission].short).join(', ')}:{' '}
          {scopeText(token.scope, cameras ?? [])}
        </span>
        <span className="muted">
          {tokenExpiryText(token.expiresAt, nowMs)} · {used}
        </span>
      </div>
      <button type="button" className="button button-small" onClick={revoke}>
        Revoke<span className="visually-hidden"> {token.name}</span>
      </button>
    </li>
  );
}
