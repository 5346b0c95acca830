import { ImgstoreError } from "../../core/errors.ts";
import { STATES, type State } from "../../core/lifecycle/image.ts";
import { printable } from "../../core/names.ts";
import type { ListFilter } from "../../core/ports/image-rows.ts";
import { imageResponse } from "./answers.ts";
import { toHistoryJson, toImageJson } from "./image-json.ts";
import { loadNamed, nameOf } from "./named-image.ts";
import type { RouteCall } from "./route-call.ts";
import type { ImageListJson } from "./wire.ts";

export async function readImage({ engine, c }: RouteCall): Promise<Response> {
  return imageResponse(engine, await loadNamed(engine, nameOf(c)));
}

export async function listImages({ engine, c }: RouteCall): Promise<Response> {
  const { placements, nextCursor } = await engine.images.list(listFilterOf(c.req.query()));
  const list: ImageListJson = { images: placements.map((placement) => toImageJson(engine, placement)), nextCursor };
  return Response.json(list, { headers: { "cache-control": "no-store" } });
}

export async function readHistory({ engine, c }: RouteCall): Promise<Response> {
  const name = nameOf(c);
  const rows = await engine.images.history(name, c.req.query("all") === undefined ? "latest" : "all");
  if (rows.length === 0) await loadNamed(engine, name);
  return Response.json(rows.map(toHistoryJson), { headers: { "cache-control": "no-store" } });
}

function listFilterOf({ state, node, cursor, limit }: Readonly<Record<string, string>>): ListFilter {
  const isNumber = limit === undefined || /^[1-9]\d{0,3}$/.test(limit);
  if (!isNumber) throw badQuery("limit", limit, "a whole number from 1 to 9999");
  return {
    limit: Number(limit ?? 1000),
    ...(state === undefined ? {} : { state: parseState(state) }),
    ...(node === undefined ? {} : { node }),
    ...(cursor === undefined ? {} : { cursor: cursor }),
  };
}

function parseState(text: string): State {
  const state = STATES.find((candidate) => candidate === text.toUpperCase());
  if (state !== undefined) return state;
  throw badQuery("state", text, `one of ${STATES.join(", ")}`);
}

function badQuery(parameter: string, value: string, takes: string): ImgstoreError {
  return new ImgstoreError("INVALID_BODY", `${parameter} is "${printable(value)}"`, { hint: `it takes ${takes}` });
}
