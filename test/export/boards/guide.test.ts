import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportC } from "../../../src/device/export/index.ts";
import { observedValues, planLayers, quantizePlan } from "../../../src/device/quantize/index.ts";
import { hasProgram, inFolder } from "../../support/c-programs.ts";
import { mcuGuideProgram } from "../../support/mcu-guide.ts";
import { mlperfTiny } from "../../support/mlperf-tiny.ts";

const missing = ["gcc", "g++"].filter((name) => !hasProgram(name)).join(", ");
const title = missing && ` (skipped: ${missing} missing)`;

const arduino = `#include <stdint.h>
struct Port { void begin(long); void println(long); };
extern Port Serial;
void delay(unsigned long);
void setup();
void loop();
`;
/** What the programs need of each platform: declarations alone, so nothing is linked. */
const platforms: Readonly<Record<string, { header: string; text: string; language: "c" | "c++" }>> =
  {
    "Any C project": { header: "unused.h", text: "", language: "c" },
    Arduino: { header: "Arduino.h", text: arduino, language: "c++" },
    PlatformIO: { header: "Arduino.h", text: arduino, language: "c++" },
    Zephyr: {
      header: "zephyr/kernel.h",
      text: "#include <stdint.h>\nvoid printk(const char *, ...);\nint32_t k_msleep(int32_t);\n",
      language: "c",
    },
    STM32Cube: {
      header: "main.h",
      text: "#include <stdint.h>\nvoid HAL_Delay(uint32_t);\nvoid classify_step(void);\n",
      language: "c",
    },
  };

function files(): ReadonlyMap<string, string> {
  const plan = planLayers(mlperfTiny["ds-cnn"]!());
  const ranges = new Map(observedValues(plan).map((value) => [value, { min: -4, max: 4 }]));
  return exportC(quantizePlan(plan, ranges)).files;
}

test.skipIf(missing !== "").each(Object.entries(platforms))(
  `the program for %s compiles${title}`,
  async (project, { header, text, language }) => {
    const program = await mcuGuideProgram(project);
    expect(program.trim().split("\n").length).toBeLessThanOrEqual(13);
    inFolder((folder) => {
      for (const [path, source] of files()) writeFileSync(join(folder, path), source);
      mkdirSync(join(folder, "zephyr"));
      writeFileSync(join(folder, header), text);
      // the Arduino builder puts this include in front of every sketch
      const prefix = project === "Arduino" ? '#include "Arduino.h"\n' : "";
      writeFileSync(join(folder, "program"), prefix + program);
      const flags = ["-Wall", "-Wextra", "-Werror", "-I.", "-c", "-x", language, "program"];
      execFileSync("gcc", [...flags, "-o", "program.o"], { cwd: folder, stdio: "pipe" });
    });
  },
);
