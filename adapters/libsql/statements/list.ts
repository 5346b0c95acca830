import type { ListFilter } from "../../../core/ports/image-rows.ts";
import type { Statement } from "../database.ts";
import { statement } from "../statement.ts";
import { SELECT_PLACEMENT } from "./placement.ts";

// Four texts rather than one with optional conditions, so that each is a seek on an index in the order it asks for.
const OF_NODE = `${SELECT_PLACEMENT}
  WHERE placements.node = :node AND placements.name > :after_name
  ORDER BY placements.name LIMIT :limit`;

const OF_NODE_IN_STATE = `${SELECT_PLACEMENT}
  WHERE placements.node = :node AND placements.state = :state AND placements.name > :after_name
  ORDER BY placements.name LIMIT :limit`;

const OF_ALL = `${SELECT_PLACEMENT}
  WHERE (placements.name, placements.node) > (:after_name, :after_node)
  ORDER BY placements.name, placements.node LIMIT :limit`;

const OF_ALL_IN_STATE = `${SELECT_PLACEMENT}
  WHERE (placements.name, placements.node) > (:after_name, :after_node) AND placements.state = :state
  ORDER BY placements.name, placements.node LIMIT :limit`;

/** One row more than the limit, where there is one. */
export function listPlacements(node: string, filter: ListFilter): Statement {
  const [afterName = "", afterNode = ""] = (filter.cursor ?? "").split("/");
  const isOfAll = filter.node === "*";
  const args = {
    node: filter.node ?? node,
    state: filter.state ?? null,
    after_name: afterName,
    after_node: afterNode,
    limit: filter.limit + 1,
  };
  if (filter.state === undefined) return statement(isOfAll ? OF_ALL : OF_NODE, args);
  return statement(isOfAll ? OF_ALL_IN_STATE : OF_NODE_IN_STATE, args);
}

/** Where the next page begins: after a name, on all nodes after a name and its node. */
export function cursorAfter(filter: ListFilter, last: { readonly name: string; readonly node: string }): string {
  return filter.node === "*" ? `${last.name}/${last.node}` : last.name;
}
