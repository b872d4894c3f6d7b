/*
 * Resetting a password on the machine, without a login. An empty file in `DATA_DIR/password-reset`, named after the
 * user, is a request; control-api replaces its content by the answer. Only the user that control-api runs as, and root,
 * may write in that folder.
 */

/** Below `DATA_DIR`. */
export const passwordResetFolder = 'password-reset';

export type PasswordResetAnswer = { password: string } | { refused: string };

const passwordPrefix = 'new password: ';
const refusalPrefix = 'refused: ';

export function formatPasswordReset(answer: PasswordResetAnswer): string {
  return 'password' in answer
    ? `${passwordPrefix}${answer.password}\n`
    : `${refusalPrefix}${answer.refused}\n`;
}

/** Null: not answered yet. */
export function parsePasswordReset(text: string): PasswordResetAnswer | null {
  const [line = ''] = text.split('\n', 1);
  if (line.startsWith(passwordPrefix)) return { password: line.slice(passwordPrefix.length) };
  if (line.startsWith(refusalPrefix)) return { refused: line.slice(refusalPrefix.length) };
  return null;
}
