import type { ListFilter } from "../client.ts";
import { DONE } from "../exit-codes.ts";
import type { Invocation } from "../invocation.ts";
import { withStore } from "../store.ts";
import { printDocument, printLines, tell, terminalWidth } from "../terminal/output.ts";
import { imageTable } from "../views/image-table.ts";

/** Prints all images as a table. */
export async function run(invocation: Invocation): Promise<number> {
  return withStore(invocation, async ({ client }) => {
    const images = await client.list(filterOf(invocation));
    if (invocation.isJson) printDocument({ images });
    else if (images.length === 0) tell("no images");
    else printLines(imageTable(images, Date.now(), terminalWidth()));
    return DONE;
  });
}

function filterOf(invocation: Invocation): ListFilter {
  const [state, node] = [invocation.text("state"), invocation.text("node")];
  return {
    ...(state === undefined ? {} : { state: state.toUpperCase() }),
    ...(node === undefined ? {} : { node }),
  };
}
