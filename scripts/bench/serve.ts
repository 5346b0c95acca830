// `node serve.js FILE`: serves one file over HTTP until its stdin ends, and says the URL on stdout. A process by itself,
// so that measuring does not slow it down, and its processor time is nobody's.
import { serveFile } from "../serve-file.ts";

const server = await serveFile(process.argv[2] ?? "");
console.log(server.url);
process.stdin.resume().once("end", () => void server.close());
