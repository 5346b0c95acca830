import type { ImageJson } from "../../http/wire.ts";
import type { Client } from "../client.ts";
import { DONE } from "../exit-codes.ts";
import type { Invocation } from "../invocation.ts";
import { withStore } from "../store.ts";
import { printDocument, printLines, tell, terminalWidth } from "../terminal/output.ts";
import { imageTable } from "../views/image-table.ts";
import { imageView } from "../views/image-view.ts";

/** Prints one image in full, or all as a table; with `--watch` again and again. */
export async function run(invocation: Invocation): Promise<number> {
  const name = invocation.optionalArgument("NAME");
  return withStore(invocation, async ({ client }) => {
    if (invocation.isOn("watch")) {
      const { watchImages } = await import("../watch-images.ts");
      return watchImages(client, name, invocation.isJson);
    }
    if (name === undefined) await showAll(client, invocation.isJson);
    else showOne(await client.get(name), invocation.isJson);
    return DONE;
  });
}

function showOne(image: ImageJson, isJson: boolean): void {
  if (isJson) printDocument(image);
  else printLines(imageView(image, Date.now()));
}

async function showAll(client: Client, isJson: boolean): Promise<void> {
  const images = await client.list({});
  if (isJson) printDocument({ images });
  else if (images.length === 0) tell("no images");
  else printLines(imageTable(images, Date.now(), terminalWidth()));
}
