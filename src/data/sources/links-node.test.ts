/** @file Symbolic links in folders of data: followed, and refused where they lead nowhere. */

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { filesBelow } from "./files-below-node.ts";
import { loadData } from "./load-node.ts";

const scratch = mkdtempSync(join(tmpdir(), "links-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const golden = fileURLToPath(new URL("../../../test/golden/data/images/cat/", import.meta.url));

function inside(name: string): string {
  const path = join(scratch, name);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}
const put = (name: string): void => writeFileSync(inside(name), "x\n1\n");
const image = (name: string): void => copyFileSync(`${golden}a.png`, inside(name));
/** `name` becomes a link to `target`, from the link's folder on. */
const link = (name: string, target: string): void => symlinkSync(target, inside(name));

describe("files of recordings", () => {
  test("links to files and folders are followed; hidden files and folders are left out", async () => {
    put("tree/.git/annex/one.csv");
    put("elsewhere/deep/two.csv");
    put("tree/a/.hidden.csv");
    put("tree/a/zero.csv");
    link("tree/a/one.csv", "../.git/annex/one.csv");
    link("tree/b", "../elsewhere");
    link("tree/c", "../elsewhere/deep");
    expect(await filesBelow(join(scratch, "tree"), "a folder of recordings")).toEqual([
      "a/one.csv",
      "a/zero.csv",
      "b/deep/two.csv",
      "c/two.csv",
    ]);
  });

  test("a link that leads nowhere is refused", async () => {
    link("broken/a/one.csv", "../.git/annex/gone.csv");
    const path = join(scratch, "broken/a/one.csv");
    await expect(
      filesBelow(join(scratch, "broken"), "a folder of recordings"),
    ).rejects.toMatchObject({
      code: "file/missing",
      message: `${path}: a symbolic link must lead to a file or folder, got one to ../.git/annex/gone.csv, which is not there. Fetch what it stands for (git annex get, dvc pull), or remove it.`,
    });
  });

  test("a folder that leads back into itself is refused", async () => {
    put("circle/a/one.csv");
    link("circle/a/again", "..");
    const path = join(scratch, "circle/a/again");
    await expect(
      filesBelow(join(scratch, "circle"), "a folder of recordings"),
    ).rejects.toMatchObject({
      code: "file/unreadable",
      message: `${path}: a folder must not lead back into itself, got a link to a folder above. Remove the link.`,
    });
  });
});

describe("folders of images", () => {
  const load = (folder: string) =>
    loadData({ source: "images", folder: join(scratch, folder), size: [2, 2], channels: 1 });

  test("a class may be a link, and an image too", async () => {
    image("store/a.png");
    image("images/dog/b.png");
    link("images/dog/a.png", "../../store/a.png");
    link("images/cat", "../store");
    const { train } = await load("images");
    expect([train.length, train.classNames, [...train.labels]]).toEqual([
      3,
      ["cat", "dog"],
      [0, 1, 1],
    ]);
  });

  test("an image directly in the folder is refused if it is a link, too", async () => {
    image("loose/dog/b.png");
    link("loose/a.png", "dog/b.png");
    await expect(load("loose")).rejects.toMatchObject({ code: "file/unsupported" });
  });

  test.each([
    ["class", "lost-class/cat"],
    ["image", "lost-image/dog/a.png"],
  ])("a link to a missing %s is refused", async (_, name) => {
    const folder = name.split("/")[0]!;
    image(`${folder}/dog/b.png`);
    link(name, "/nowhere/to.png");
    await expect(load(folder)).rejects.toMatchObject({
      code: "file/missing",
      message: expect.stringContaining(`${join(scratch, name)}: a symbolic link must lead to`),
    });
  });
});
