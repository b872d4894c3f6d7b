import { useState } from 'react';
import type { SyntheticEvent } from 'react';
import { ApiError } from '@camplane/api-client/api-error';
import { newPasswordSchema } from '@camplane/contracts/access';
import { api } from '../api/client.ts';
import { messageOf } from '../api/message-of.ts';
import { useApp } from '../app-context.tsx';
import { Notice } from '../interface/notice.tsx';
import { TextInput } from '../interface/text-input.tsx';
import { asSentence } from '../camera-form/field.tsx';

type Errors = { current?: string; next?: string; other?: string };

/** Changes the user's own password. Their other sessions end. */
export function PasswordSection({ username }: { username: string }) {
  const { announce } = useApp();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [pending, setPending] = useState(false);
  const [errors, setErrors] = useState<Errors>({});

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (pending) return;
    const checked = newPasswordSchema.safeParse(next);
    if (!checked.success) return setErrors({ next: asSentence(checked.error.issues[0]?.message ?? '') });
    setPending(true);
    setErrors({});
    try {
      await api.changePassword({ body: { currentPassword: current, newPassword: next } });
      setCurrent('');
      setNext('');
      announce('Password changed. Your other sessions have ended.');
    } catch (error) {
      setErrors(passwordErrorsOf(error));
    } finally {
      setPending(false);
    }
  };

  return (
    <section className="section" aria-labelledby="password-title">
      <h2 id="password-title">Password</h2>
      <form className="stacked" onSubmit={(event) => void submit(event)} noValidate>
        {/* For password managers, which store it with the password. */}
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
        <TextInput
          label="Current password"
          type="password"
          autoComplete="current-password"
          value={current}
          onText={setCurrent}
          error={errors.current}
        />
        <TextInput
          label="New password"
          type="password"
          autoComplete="new-password"
          hint="At least 12 characters. Changing it ends your other sessions and their video."
          value={next}
          onText={setNext}
          error={errors.next}
        />
        {errors.other !== undefined && <Notice tone="error">{errors.other}</Notice>}
        <div className="button-row">
          <button type="submit" className="button" disabled={pending || current === '' || next === ''}>
            {pending ? 'Changing…' : 'Change password'}
          </button>
        </div>
      </form>
    </section>
  );
}

function passwordErrorsOf(error: unknown): Errors {
  if (!(error instanceof ApiError)) return { other: messageOf(error) };
  if (error.code === 'wrong-login') return { current: 'This is not your current password.' };
  const field = error.fields.find(({ path }) => path === 'newPassword' || path === 'password');
  if (field) return { next: asSentence(field.message) };
  if (error.code === 'too-many-requests' && error.retryAfterSeconds !== null) {
    return { other: `Too many attempts. Try again in ${error.retryAfterSeconds} s.` };
  }
  return { other: error.message };
}
