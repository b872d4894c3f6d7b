import type { PlayFailure } from './play-failure.ts';

export type PictureHandlers = {
  /** The server has accepted the request. Pictures follow. */
  onOpen: () => void;
  onPicture: (jpeg: Blob) => void;
  /** Whether the server holds pictures back because the camera sends none. */
  onHeld: (held: boolean) => void;
  /** Called once if the pictures end without `close`. */
  onEnded: (failure: PlayFailure) => void;
};

/** Requests the pictures of one camera until the returned function is called. */
export type PictureSource = (handlers: PictureHandlers) => () => void;
