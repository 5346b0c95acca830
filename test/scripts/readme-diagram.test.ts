import { expect, test } from "vitest";
import { withDiagram } from "../../scripts/readme-diagram.ts";

test("withDiagram replaces what stands between the markers, keeps the rest, and is idempotent", () => {
  const page = withDiagram("# Before\n<!-- lifecycle -->\nold\n<!-- /lifecycle -->\nafter\n");
  expect(page.startsWith("# Before\n<!-- lifecycle -->\n```mermaid\nstateDiagram-v2\n")).toBe(true);
  expect(page.endsWith("\n```\n<!-- /lifecycle -->\nafter\n")).toBe(true);
  expect(page).not.toContain("old");
  expect(withDiagram(page)).toBe(page);
});

test.each([
  ["no markers", "# Page\n"],
  ["no end", "<!-- lifecycle -->\n"],
  ["no beginning", "<!-- /lifecycle -->\n"],
  ["the wrong order", "<!-- /lifecycle -->\n<!-- lifecycle -->\n"],
  ["two of them", "<!-- lifecycle -->\n<!-- /lifecycle -->\n<!-- lifecycle -->\n<!-- /lifecycle -->\n"],
])("withDiagram refuses a page with %s", (_, page) => {
  expect(() => withDiagram(page)).toThrow("the page needs the line <!-- lifecycle -->");
});
