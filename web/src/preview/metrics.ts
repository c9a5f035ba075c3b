/** What the SDK's classes for metrics leave in the metadata of an artifact. Pure. */

type Json = Readonly<Record<string, unknown>>;

export interface RocPoint {
  falsePositives: number;
  truePositives: number;
  /** Null for the one before all (scikit-learn writes infinity), and where none was given. */
  threshold: number | null;
}

export interface Matrix {
  labels: string[];
  /** A row for each true label, a column for each predicted one. */
  rows: number[][];
}

export interface Classification {
  curve: RocPoint[] | null;
  matrix: Matrix | null;
  /** What else was recorded. */
  rest: Record<string, unknown>;
}

export interface Slice {
  name: string;
  classification: Classification;
}

export function classificationOf(metrics: Json): Classification {
  const { confidenceMetrics, confusionMatrix, ...rest } = metrics;
  return { curve: curveOf(confidenceMetrics), matrix: matrixOf(confusionMatrix), rest };
}

export function slicesOf(metrics: Json): Slice[] {
  return listOf(metrics["evaluationSlices"]).map((slice, index) => ({
    name: typeof slice["slice"] === "string" ? slice["slice"] : `${index + 1}`,
    classification: classificationOf(objectOf(slice["sliceClassificationMetrics"])),
  }));
}

/** The area under a ROC curve, by trapezoids; null where there is too little of it. */
export function areaUnder(curve: readonly RocPoint[]): number | null {
  if (curve.length < 2) return null;
  const points = [...curve].sort(
    (one, other) => one.falsePositives - other.falsePositives || one.truePositives - other.truePositives,
  );
  let area = 0;
  for (const [index, point] of points.entries()) {
    const before = points[index - 1] ?? { falsePositives: 0, truePositives: 0 };
    area += ((point.falsePositives - before.falsePositives) * (point.truePositives + before.truePositives)) / 2;
  }
  const last = points.at(-1);
  if (last) area += ((1 - last.falsePositives) * (1 + last.truePositives)) / 2;
  return area;
}

/** The share of cases on the diagonal; null for an empty matrix. */
export function accuracyOf({ rows }: Matrix): number | null {
  const all = rows.flat().reduce((sum, value) => sum + value, 0);
  if (all <= 0) return null;
  return rows.reduce((sum, row, index) => sum + (row[index] ?? 0), 0) / all;
}

function curveOf(value: unknown): RocPoint[] | null {
  const points = listOf(value).flatMap((point): RocPoint[] => {
    const falsePositives = numberOf(point["falsePositiveRate"] ?? 0);
    const truePositives = numberOf(point["recall"] ?? 0);
    if (falsePositives === null || truePositives === null) return [];
    return [{ falsePositives, truePositives, threshold: numberOf(point["confidenceThreshold"]) }];
  });
  return points.length > 0 ? points : null;
}

function matrixOf(value: unknown): Matrix | null {
  const outer = objectOf(value);
  const matrix = "struct" in outer ? objectOf(outer["struct"]) : outer;
  const rows = listOf(matrix["rows"]).map((row) =>
    Array.isArray(row["row"]) ? row["row"].map((cell) => numberOf(cell) ?? 0) : [],
  );
  if (rows.length === 0) return null;
  const specs = listOf(matrix["annotationSpecs"]);
  return { rows, labels: rows.map((_, index) => String(specs[index]?.["displayName"] ?? index)) };
}

/** A list of objects, also where Kubeflow's drivers wrapped it. */
function listOf(value: unknown): Json[] {
  const list = Array.isArray(value) ? value : objectOf(value)["list"];
  return Array.isArray(list) ? list.map(objectOf) : [];
}

function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function numberOf(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}
