export { type BoardEvent, encodeEvent, encodeFileVersion, type Summary } from "./event.ts";
export { frameRecord } from "./record.ts";
