import { expect, it } from "vitest";
import { isOverlayPrivate } from "../../../core/overlay/markers.ts";

it("isOverlayPrivate is true of what overlayfs hides in a layer, and of nothing else", () => {
  expect(["trusted.overlay.opaque", "trusted.overlay.redirect", "trusted.overlay.x"].every(isOverlayPrivate)).toBe(
    true,
  );
  const shown = ["trusted.overlay.overlay.opaque", "trusted.overlays", "user.overlay.opaque", "security.capability"];
  expect(shown.some(isOverlayPrivate)).toBe(false);
});
