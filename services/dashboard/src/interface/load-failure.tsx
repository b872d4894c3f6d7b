import { Notice } from './notice.tsx';

type Props = { what: string; error: string | null; retry: () => void };

/** Why something could not be loaded. @param props.what such as `The users` */
export function LoadFailure({ what, error, retry }: Props) {
  if (error === null) return null;
  return (
    <Notice tone="error">
      <p>
        {what} could not be loaded. {error}
      </p>
      <button type="button" className="button button-small" onClick={retry}>
        Try again
      </button>
    </Notice>
  );
}
