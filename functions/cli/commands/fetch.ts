import { resolve } from "node:path";
import { asImgstoreError, ImgstoreError } from "../../../core/errors.ts";
import type { Target } from "../../../core/lifecycle/image.ts";
import { redacted, withAbsolutePath } from "../../../core/source-url.ts";
import type { ImageJson, PutImageJson } from "../../http/wire.ts";
import type { Client } from "../client.ts";
import { conclude } from "../conclude.ts";
import { driveTo } from "../drive-to.ts";
import type { Invocation } from "../invocation.ts";
import type { StopRequest } from "../stop-request.ts";
import { type Store, withStore } from "../store.ts";
import { waitForImage } from "../wait-for-image.ts";

/** Registers an image and drives it to its target. */
export async function run(invocation: Invocation): Promise<number> {
  const name = invocation.argument("NAME");
  const wanted = registrationOf(invocation);
  const use = (store: Store): Promise<number> =>
    driveTo(invocation, store, wanted.target, async (stop) => {
      const known = invocation.isOn("retry", true) ? null : await store.client.find(name);
      if (known?.state === "FAILED" && known.source === redacted(wanted.source)) {
        return conclude({
          arrival: { kind: "failed", image: known },
          wanted: wanted.target,
          isJson: invocation.isJson,
          cause: null,
        });
      }
      return register({ client: store.client, name, wanted, stop, isJson: invocation.isJson }, invocation);
    });
  return withStore(invocation, use, { unpacksSoon: invocation.isOn("wait", true) });
}

interface Wanted extends PutImageJson {
  readonly target: Target;
}

function registrationOf(invocation: Invocation): Wanted {
  const checksum = invocation.optionalArgument("SHA256");
  const mountOptions = invocation.text("mount-options");
  return {
    // Against the working directory that only this process knows.
    source: withAbsolutePath(invocation.argument("SOURCE"), resolve),
    target: invocation.text("target") === "stored" ? "STORED" : "ACTIVE",
    ...(checksum === undefined ? {} : { checksum }),
    ...(mountOptions === undefined ? {} : { mountOptions }),
  };
}

interface Registering {
  readonly client: Client;
  readonly name: string;
  readonly wanted: Wanted;
  readonly stop: StopRequest;
  readonly isJson: boolean;
}

async function register(registering: Registering, invocation: Invocation): Promise<ImageJson | number> {
  const { client, name, wanted } = registering;
  try {
    return await client.put(name, wanted);
  } catch (thrown) {
    const error = asImgstoreError(thrown);
    if (error.code !== "NAME_TAKEN") throw error;
    if (!invocation.isOn("replace")) throw namingReplace(error);
  }
  const ended = await removeOld(registering);
  return ended ?? client.put(name, wanted);
}

function namingReplace(error: ImgstoreError): ImgstoreError {
  return new ImgstoreError(error.code, error.message, {
    hint: "choose another name, or remove that image first with --replace",
    cause: error,
  });
}

/** Null when the name is free; else the exit status, and why has been said. */
async function removeOld({ client, name, stop, isJson }: Registering): Promise<number | null> {
  const image = await client.changeTarget(name, { target: "REMOVED" });
  const waiting = { client, image, wanted: "REMOVED", signal: stop.signal, stream: process.stderr } as const;
  const arrival = await waitForImage(waiting);
  return arrival.kind === "gone" ? null : conclude({ arrival, wanted: "REMOVED", isJson, cause: stop.cause() });
}
