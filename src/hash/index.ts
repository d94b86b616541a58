export { provideSha256, type Sha256, sha256, startSha256 } from "./sha256.ts";
