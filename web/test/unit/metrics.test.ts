import { expect, test } from "vitest";
import { number } from "~/format/number";
import { accuracyOf, areaUnder, classificationOf, slicesOf } from "~/preview/metrics";

const CURVE = [
  { confidenceThreshold: "Infinity", recall: 0, falsePositiveRate: 0 },
  { confidenceThreshold: 0.8, recall: 0.5, falsePositiveRate: 0 },
  { confidenceThreshold: 0.4, recall: 1, falsePositiveRate: 0.5 },
  { confidenceThreshold: 0.1, recall: 1, falsePositiveRate: 1 },
];
const MATRIX = {
  annotationSpecs: [{ displayName: "cat" }, { displayName: "dog" }],
  rows: [{ row: [3, 1] }, { row: [0, 4] }],
};

test("what the SDK records is read, and the rest is kept", () => {
  const { curve, matrix, rest } = classificationOf({ confidenceMetrics: CURVE, confusionMatrix: MATRIX, note: "x" });
  expect(curve?.[0]).toEqual({ falsePositives: 0, truePositives: 0, threshold: null });
  expect(areaUnder(curve ?? [])).toBeCloseTo(0.875);
  expect(matrix).toEqual({
    labels: ["cat", "dog"],
    rows: [
      [3, 1],
      [0, 4],
    ],
  });
  expect(matrix && accuracyOf(matrix)).toBe(7 / 8);
  expect(rest).toEqual({ note: "x" });
});

test("so is what Kubeflow's drivers wrap, slices, and nonsense", () => {
  expect(
    classificationOf({ confidenceMetrics: { list: CURVE }, confusionMatrix: { struct: MATRIX } }).curve,
  ).toHaveLength(4);
  const slices = slicesOf({
    evaluationSlices: [{ slice: "young", sliceClassificationMetrics: { confusionMatrix: MATRIX } }],
  });
  expect(slices.map(({ name, classification }) => [name, classification.matrix?.labels])).toEqual([
    ["young", ["cat", "dog"]],
  ]);
  expect(classificationOf({ confidenceMetrics: "no", confusionMatrix: [1] })).toEqual({
    curve: null,
    matrix: null,
    rest: {},
  });
});

test("numbers show what counts in them", () => {
  expect([3, 1234567, 0.123456789, 0.00001234, 1234.5678].map((value) => number(value, "en"))).toEqual([
    "3",
    "1,234,567",
    "0.12346",
    "1.234e-5",
    "1,234.57",
  ]);
});
