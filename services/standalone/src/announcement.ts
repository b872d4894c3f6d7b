import { join } from 'node:path';

/** Where a user begins after a start. */
export type Start = {
  /** The address the API listens on, such as `http://127.0.0.1:8080`. */
  url: string;
  /** A name of this machine that browsers can open. */
  publicHost: string;
  /** Signs the first administrator in, once; null where there is nothing to sign in to. */
  welcomeToken: string | null;
  dataFolder: string;
  /** Whether the password of the first start is still in its file. */
  hasPasswordFile: boolean;
};

/** File of the password that the first start made up, below `DATA_DIR`. */
export const passwordFile = 'admin-password';

/** The lines that a start prints once it is ready. */
export function announcement({ url, publicHost, welcomeToken, dataFolder, hasPasswordFile }: Start): string {
  // A browser cannot open 0.0.0.0, the listen address in a container.
  const address = url.replace(/\/\/(0\.0\.0\.0|\[::\]):/, `//${publicHost}:`);
  // The fragment, because browsers send it to no server and into no log.
  const welcome = welcomeToken === null ? '' : `/welcome#${welcomeToken}`;
  const lines = [`Camplane is ready: ${address}${welcome}`];
  if (welcomeToken !== null) lines.push('This address signs in once, within 24 hours.');
  if (hasPasswordFile) lines.push(`The password of the user admin is in ${join(dataFolder, passwordFile)}`);
  return `${lines.join('\n')}\n`;
}
