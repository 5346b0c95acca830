// A process that makes a scenario's steps on a store whose disk becomes full at a fault point, gets the room back when
// somebody has seen that, goes on, and looks at what came of it. Its one argument is a FillOrder as JSON; it says a
// FillOutcome as JSON.
import { type FillOrder, fillAndGoOn } from "./fill-and-go-on.ts";

const order: FillOrder = JSON.parse(process.argv[2] ?? "");
process.stdout.write(JSON.stringify(await fillAndGoOn(order)));
