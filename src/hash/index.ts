export {
  provideSha256,
  pureSha256,
  type Sha256,
  type Sha256Platform,
  sha256Hex,
  startSha256,
} from "./sha256.ts";
