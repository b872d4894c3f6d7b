import type { WallClock } from '@camplane/runtime/clock';
import type { TicketClaims } from './stream-tickets.ts';

type Ticket = Pick<TicketClaims, 'id' | 'expiresMs'>;
type Session = { id: string; protocol: string };

/** Remembers tickets that admit one session, until they expire. */
export type SpentTickets = {
  /** Whether the ticket may open this session: the first one, which MediaMTX may ask about again. */
  spend(ticket: Ticket, session: Session): boolean;
  /** Another process has admitted the session. */
  learn(ticket: Ticket, session: Session): void;
};

const ticketsMax = 20_000;
/** RTSP: the connection and the session. */
const idsMax = { rtsp: 2, other: 1 } as const;

export function createSpentTickets({ epochMs }: WallClock): SpentTickets {
  const spent = new Map<string, { expiresMs: number; protocol: string; ids: string[] }>();

  /** Tickets live equally long, so that one may be kept for at most that time after its expiry. */
  function dropExpired(): void {
    for (const [id, { expiresMs }] of spent) {
      if (expiresMs > epochMs()) return;
      spent.delete(id);
    }
  }

  function spend(ticket: Ticket, { id, protocol }: Session): boolean {
    dropExpired();
    const known = spent.get(ticket.id);
    if (!known) {
      if (spent.size >= ticketsMax) return false;
      spent.set(ticket.id, { expiresMs: ticket.expiresMs, protocol, ids: [id] });
      return true;
    }
    if (known.protocol !== protocol) return false;
    if (known.ids.includes(id)) return true;
    if (known.ids.length >= (protocol === 'rtsp' ? idsMax.rtsp : idsMax.other)) return false;
    known.ids.push(id);
    return true;
  }

  return {
    spend,
    learn(ticket, session) {
      if (ticket.expiresMs > epochMs()) spend(ticket, session);
    },
  };
}
