/**
 * TCP connections. A connection is known by a handle of the guest's; once the host has it open, its bytes are read by
 * `stream.read` and written by `stream.write` and `stream.close` under that handle. It ends with its event.
 */
export interface SocketAsyncOps {
  /** Connects, with TLS if `secure`, and verifies the server's certificate. Rejects when that fails. */
  "sockets.connect"(handle: number, hostname: string, port: number, secure: boolean): null;
  /** Goes on with TLS, under a new handle; the old one names nothing from then on. */
  "sockets.startTls"(handle: number, secureHandle: number, serverName: string): null;
  /** Ends a connection in both directions. Answers when it is gone; at once if it was gone already. */
  "sockets.close"(handle: number): null;
  /** Answers when the connection is gone. */
  "sockets.closed"(handle: number): null;
}
