type WebSocketServer = {
  clients: ReadonlySet<{ terminate(): void }>;
  close(onClosed: () => void): void;
};

const handshakeMaxMs = 500;

/** Closes a server whose clients have been sent a close frame. Those that do not answer are terminated after half a second. */
export function closeWebSocketServer(server: WebSocketServer): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => server.clients.forEach((client) => client.terminate()), handshakeMaxMs);
    server.close(() => {
      clearTimeout(deadline);
      resolve();
    });
  });
}
