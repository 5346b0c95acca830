import { once } from "node:events";
import { connect } from "node:net";

/** A connection without a client that knows better. */
export interface RawConnection {
  write(bytes: string): void;
  /** Everything that came, once the other side has closed. */
  readonly answer: Promise<string>;
  isClosed(): boolean;
  destroy(): void;
}

export function openRaw(url: string): RawConnection {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = "";
  // a reset does not take back what came before it
  socket
    .on("error", () => {})
    .on("data", (chunk) => {
      received += chunk.toString();
    });
  return {
    write: (bytes) => void socket.write(bytes),
    answer: once(socket, "close").then(() => received),
    isClosed: () => socket.closed,
    destroy: () => socket.destroy(),
  };
}
