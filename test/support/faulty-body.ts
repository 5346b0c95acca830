import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Faults } from "./faults.ts";

const PIECE_BYTES = 256 * 1024;

/** Sends a body as far as its faults let it, and ends the connection as they say. */
export async function sendFaulty(
  response: ServerResponse,
  body: Buffer,
  faults: Faults,
  onSent: (sentBytes: number) => void,
): Promise<void> {
  const socket = response.socket;
  if (socket === null) return;
  const stopAt = faults.cut ?? faults.reset ?? faults.stall ?? body.length;
  // Straight to the socket where more is sent than was announced: the server's own check forbids it.
  const isRaw = faults.long > 0 && !faults.isChunked;
  const out = isRaw ? socket : response;
  if (isRaw) response.flushHeaders();
  const end = Math.min(stopAt, body.length);
  const pieceBytes = faults.trickle ?? PIECE_BYTES;
  for (let position = 0; position < end && !socket.destroyed; ) {
    const piece = body.subarray(position, Math.min(position + pieceBytes, end));
    if (!(await written(out, piece))) return;
    position += piece.length;
    onSent(position);
    if (faults.trickle !== null) await sleep(faults.every);
  }
  finish(response, socket, faults, isRaw || faults.short > 0);
}

function finish(response: ServerResponse, socket: Socket, faults: Faults, isUnfinished: boolean): void {
  if (faults.stall !== null) return;
  if (faults.reset !== null) socket.resetAndDestroy();
  else if (faults.cut !== null || isUnfinished) socket.end();
  else response.end();
}

/** Whether the kernel took it; false when the connection ended first. */
function written(out: ServerResponse | Socket, piece: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isWritten: boolean): void => {
      out.off("close", lost);
      resolve(isWritten);
    };
    const lost = (): void => settle(false);
    out.once("close", lost);
    out.write(piece, (error) => settle(error === null || error === undefined));
  });
}
