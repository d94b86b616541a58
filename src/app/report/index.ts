export { buildReport } from "./build-report.ts";
export { renderCard } from "./card.ts";
export { type ResultContext, reportInput } from "./from-result.ts";
export { renderHtml } from "./html/page.ts";
export { renderSweepHtml } from "./html/sweep-page.ts";
export {
  type ArmInput,
  type ArmName,
  armNames,
  type ConvergenceInput,
  type ConvergenceRun,
  type CreatedBy,
  type CurvePoint,
  type DataInput,
  type ExplorerSample,
  type ExportInput,
  type Json,
  type Latency,
  type ModelInput,
  type ReportInput,
  type SeedInput,
  type SelfCheck,
  type SoftLabelRow,
  type TeacherInput,
  type Tuning,
  type TuningTrial,
} from "./input.ts";
export { renderModelCard } from "./model-card.ts";
export { type ParetoPoint, paretoFront } from "./pareto-front.ts";
export { type ParetoPlotOptions, type ParetoPlotPoint, paretoPlot } from "./pareto-plot.ts";
export {
  type RecognitionReport,
  reportWordErrors,
  type WordErrorReport,
} from "./recognition-report.ts";
export { recordingGroups } from "./recording-groups.ts";
export type {
  Comparison,
  ConvergenceOutcome,
  ConvergenceReport,
  ConvergenceSeed,
  ExplorerEntry,
  ModelReport,
  Outcome,
  PerSeed,
  Report,
  StudentReport,
  TeacherMatch,
  TeacherReport,
  TestResults,
  Verdict,
} from "./report.ts";
export { reportJsonSchema, reportSchema } from "./report-schema.ts";
export type { SearchReport, SearchTrialReport } from "./search-report.ts";
export type {
  SweepInput,
  SweepPointInput,
  SweepRunInput,
  SweepTestInput,
} from "./sweep-input.ts";
export { buildSweepReport, type SweepPointReport, type SweepReport } from "./sweep-report.ts";
export { renderSweepTable } from "./sweep-text.ts";
export type {
  EnsembleReport,
  GainReport,
  SpecialistsReport,
} from "./teacher-parts-report.ts";
export type { TransferReport, TransferSystemReport } from "./transfer-report.ts";
export { parseReport, writeReport } from "./write-report.ts";
