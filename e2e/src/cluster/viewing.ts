import type { SignedIn } from '@camplane/testkit/sign-in';

/** The API token of a user, in the forms in which players present it to the edge. */
export type Viewing = {
  /** `USER:TOKEN@`, for addresses of RTSP and HLS. */
  login: string;
  headers: { authorization: string };
};

/** Creates an API token for viewing all cameras that the user may view. */
export async function startViewing(username: string, user: Pick<SignedIn, 'createToken'>): Promise<Viewing> {
  return viewingWith(username, await user.createToken());
}

export function viewingWith(username: string, secret: string): Viewing {
  return { login: `${username}:${secret}@`, headers: { authorization: `Bearer ${secret}` } };
}
