import { lifecycleDiagram } from "../core/lifecycle/diagram.ts";

const BEGIN = "<!-- lifecycle -->";
const END = "<!-- /lifecycle -->";

/**
 * A Markdown page with the lifecycle's diagram between its two markers; what stands before and after them stays.
 * @throws {Error} unless both markers are there, once each and in order
 */
export function withDiagram(page: string): string {
  const [before, within, ...more] = page.split(BEGIN);
  const [, after, ...rest] = (within ?? "").split(END);
  if (before === undefined || after === undefined || more.length + rest.length > 0 || before.includes(END)) {
    throw new Error(`the page needs the line ${BEGIN} and after it the line ${END}, once each`);
  }
  return `${before}${BEGIN}\n\`\`\`mermaid\n${lifecycleDiagram()}\`\`\`\n${END}${after}`;
}
