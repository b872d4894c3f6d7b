import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { useApp } from '../app-context.tsx';
import { routePath } from './route.ts';
import type { Route } from './route.ts';

type Props = { to: Route } & AnchorHTMLAttributes<HTMLAnchorElement>;

/** A real link, so that it can be copied or opened in a new tab. A plain click navigates within the page. */
export function RouteLink({ to, onClick, ...rest }: Props) {
  const { navigation } = useApp();
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !plain) return;
    event.preventDefault();
    navigation.go(to);
  };
  return <a {...rest} href={routePath(to)} onClick={follow} />;
}
