import { ImgstoreError } from "../../core/errors.ts";
import { STATES, type State } from "../../core/lifecycle/image.ts";
import { printable } from "../../core/names.ts";
import type { ListFilter } from "../../core/ports/image-rows.ts";
import { imageAnswer } from "./answers.ts";
import { toHistoryJson, toImageJson } from "./image-json.ts";
import { jsonAnswer } from "./json-answer.ts";
import { loadNamed, nameOf } from "./named-image.ts";
import type { Answer, RouteCall } from "./route-call.ts";
import type { ImageListJson } from "./wire.ts";

export async function readImage(call: RouteCall): Promise<Answer> {
  return imageAnswer(call.engine, await loadNamed(call.engine, nameOf(call)));
}

export async function listImages({ engine, request }: RouteCall): Promise<Answer> {
  const { placements, nextCursor } = await engine.images.list(listFilterOf(request.query));
  const list: ImageListJson = { images: placements.map((placement) => toImageJson(engine, placement)), nextCursor };
  return jsonAnswer(list);
}

export async function readHistory(call: RouteCall): Promise<Answer> {
  const { engine, request } = call;
  const name = nameOf(call);
  const rows = await engine.images.history(name, request.query["all"] === undefined ? "latest" : "all");
  if (rows.length === 0) await loadNamed(engine, name);
  return jsonAnswer(rows.map(toHistoryJson));
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
