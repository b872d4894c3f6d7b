import { useState } from 'react';
import { isLoopback } from '../account/player-address.ts';
import { useApp } from '../app-context.tsx';
import { CopyField } from '../interface/copy-field.tsx';
import { Icon } from '../interface/icon.tsx';

/** What a new user needs: address, name and password, shown once. */
export function LoginDetails({ username, password }: { username: string; password: string }) {
  const { announce } = useApp();
  const [textShown, setTextShown] = useState(false);
  const address = window.location.origin;
  const message = `Camplane: ${address}\nUser name: ${username}\nPassword: ${password}`;
  const copyAll = async () => {
    try {
      await navigator.clipboard.writeText(message);
      announce('Copied.');
    } catch {
      // The clipboard API needs HTTPS.
      setTextShown(true);
      announce('This address has no HTTPS, so the browser does not copy. Select the text below.');
    }
  };
  return (
    <section className="section secret" aria-labelledby="login-details-title">
      <h2 id="login-details-title">Send this to {username}</h2>
      <p>
        <strong>The password is shown once.</strong> Ask them to change it on their account page.
      </p>
      <CopyField label="Address" value={address} />
      <CopyField label="User name" value={username} />
      <CopyField label="Password" value={password} />
      {isLoopback(address) && (
        <p className="field-hint">
          You opened Camplane at <code>{window.location.host}</code>, an address that only this machine can
          reach. Others need its address in the network.
        </p>
      )}
      <div className="button-row">
        <button type="button" className="button button-primary" onClick={() => void copyAll()}>
          <Icon name="copy" />
          Copy all
        </button>
      </div>
      {textShown && <pre className="secret-text">{message}</pre>}
    </section>
  );
}
