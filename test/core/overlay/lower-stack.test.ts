import { expect, test } from "vitest";
import { lowerStack } from "../../../core/overlay/lower-stack.ts";

test.each([
  ["the topmost first", "abc", "", "cba"],
  ["a repeated layer once, where it is topmost", "abac", "", "cab"],
  ["nothing below a root that hides it", "abc", "b", "cb"],
  ["nothing below the topmost of several such roots", "abcd", "ac", "dc"],
  ["a single layer", "a", "a", "a"],
])("lowerStack: %s", (_title, layers, opaque, expected) => {
  expect(lowerStack(layers.split(""), (layer) => opaque.includes(layer)).join("")).toBe(expected);
});
