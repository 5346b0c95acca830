import { describe } from "vitest";
import type { OpenRows } from "../support/rows.ts";
import { describeAttempts } from "./image-rows-attempts.ts";
import { describeHistory } from "./image-rows-history.ts";
import { describeMoving } from "./image-rows-moves.ts";
import { describeRaces } from "./image-rows-races.ts";
import { describeReading } from "./image-rows-reading.ts";
import { describeTargets } from "./image-rows-targets.ts";
import { describeWork } from "./work-rows.ts";
import { describeDamage } from "./work-rows-damage.ts";
import { describeGarbage } from "./work-rows-garbage.ts";
import { describeRoom } from "./work-rows-room.ts";
import { describeSeveralBlobs } from "./work-rows-several.ts";

/** What the rows of every database keep to. */
export function describeRows(title: string, open: OpenRows): void {
  describe(title, () => {
    describeReading(open);
    describeMoving(open);
    describeAttempts(open);
    describeTargets(open);
    describeRaces(open);
    describeHistory(open);
    describeWork(open);
    describeSeveralBlobs(open);
    describeGarbage(open);
    describeRoom(open);
    describeDamage(open);
  });
}
