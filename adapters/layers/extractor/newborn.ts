import { takeOwnCreationMask } from "../../linux/creation-mask.ts";
import type { Newborn } from "../tree/metadata.ts";
import { ownIds } from "./staging-root.ts";

/** Makes this thread's files get the mode they are created with where that can be had, and says what they get. */
export function takeNewborn(): Newborn {
  return { ...ownIds(), isModeExact: takeOwnCreationMask() };
}
