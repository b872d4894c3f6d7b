import { RunFailure } from '@camplane/supervisor/run-failure';
import type { CameraHttp } from './camera-http.ts';
import { httpConnectionFailure } from './http-failure.ts';
import type { PictureFeed } from './picture-feed.ts';
import type { ResponseBody } from './response-body.ts';

/** The pictures of one response, which a camera sends without end. */
export function createMultipartFeed(http: CameraHttp, body: ResponseBody): PictureFeed {
  return {
    start(listener, signal) {
      body.follow({
        bytes: (count) => {
          if (!signal.aborted) listener.activity(count);
        },
        picture: (jpeg) => {
          if (!signal.aborted) listener.picture(jpeg);
        },
        end: (error) => {
          if (!signal.aborted) listener.end(endOf(error));
        },
      });
    },
    close() {
      body.close();
      http.close();
    },
  };
}

function endOf(error: unknown): RunFailure {
  const isBroken = error !== undefined && error !== null;
  if (!isBroken) return new RunFailure('Ended', 'The camera ended the stream.');
  const { kind, message } = httpConnectionFailure(error);
  return kind === 'Ended'
    ? new RunFailure('Ended', 'The camera closed the connection.', { cause: error })
    : new RunFailure(kind, message, { cause: error });
}
