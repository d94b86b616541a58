import { expect, test } from "vitest";
import { type EntryApi, publicApi } from "../../scripts/public-api.mjs";

/** Each declaration once: where an entry exports it too, it is named alone. */
function page(entries: readonly EntryApi[]): string {
  const written = new Map<string, string>();
  const sections = entries.map(({ specifiers, exported }) => {
    const lines = exported.map(({ name, declaration }) => {
      const key = `${name}: ${declaration}`;
      const elsewhere = written.get(key);
      if (elsewhere === undefined) written.set(key, specifiers[0]!);
      return elsewhere === undefined ? declaration : `// ${name}: as in ${elsewhere}`;
    });
    const title = specifiers.map((specifier) => `\`${specifier}\``).join(", ");
    const names = `Exported names: ${exported.length}.`;
    return `## ${title}\n\n${names}\n\n\`\`\`ts\n${lines.join("\n")}\n\`\`\`\n`;
  });
  return `# What each entry exports

Written by \`npm run api:accept\` from TypeScript's own declarations; \`npm run check\` fails when a
name or a signature is another than here. A type that is not exported is not written out.

${sections.join("\n")}`;
}

test("the exported names and signatures are those of docs/api.md (npm run api:accept writes it)", async () => {
  await expect(page(publicApi())).toMatchFileSnapshot("../../docs/api.md");
}, 60_000);
