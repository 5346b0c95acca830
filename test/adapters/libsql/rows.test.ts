import { describeRows } from "../../contracts/image-rows.ts";
import { openFreshFile } from "../../support/database-file.ts";

describeRows("on an embedded file", () => openFreshFile());
