import { useState } from 'react';
import { api } from '../api/client.ts';
import { useApp } from '../app-context.tsx';
import { CopyField } from '../interface/copy-field.tsx';
import type { Loaded } from '../interface/use-loaded.ts';
import type { ApiToken } from '@camplane/contracts/access';
import { TokenForm } from './token-form.tsx';
import { TokenList } from './token-list.tsx';

/** The user's API tokens, for programs. */
export function TokensSection({ tokens }: { tokens: Loaded<readonly ApiToken[]> }) {
  const { announce } = useApp();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <section className="section" aria-labelledby="tokens-title">
      <h2 id="tokens-title">API tokens</h2>
      <p className="field-hint">
        For programs such as Home Assistant: <code>Authorization: Bearer cpl_…</code>
      </p>
      <TokenList tokens={tokens} />
      {secret !== null && (
        <div className="secret" role="group" aria-label="New token">
          <p>
            <strong>Copy the token now: it is shown once.</strong>
          </p>
          <CopyField label="Token" value={secret} />
        </div>
      )}
      {adding ? (
        <TokenForm
          onCancel={() => setAdding(false)}
          create={async (body) => {
            const created = await api.createToken({ body });
            setSecret(created.secret);
            setAdding(false);
            announce('Token created.');
            tokens.reload();
          }}
        />
      ) : (
        <div className="button-row">
          <button type="button" className="button" onClick={() => setAdding(true)}>
            Create token
          </button>
        </div>
      )}
    </section>
  );
}
