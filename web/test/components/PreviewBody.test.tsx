import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Preview } from "~/api/queries/artifacts";
import { PreviewBody } from "~/preview/PreviewBody";

function preview(kind: Preview["kind"], more: Partial<Preview>): Preview {
  return {
    artifact_id: "some id",
    path: "",
    kind,
    name: "file",
    media_type: "",
    size: 1,
    truncated: false,
    text: null,
    columns: null,
    rows: null,
    image: null,
    entries: null,
    metrics: null,
    ...more,
  };
}

const nowhere = () => undefined;

test("Markdown never becomes HTML of its author's", () => {
  const text = "# Hello\n<img src=x onerror=alert(1)> [go](javascript:alert(1)) [on](https://example.org)";
  const { container } = render(<PreviewBody preview={preview("markdown", { text })} onPath={nowhere} />);
  expect(screen.getByRole("heading", { name: "Hello" })).toBeTruthy();
  expect(container.querySelector("img")).toBeNull();
  const links = screen.getAllByRole("link");
  expect(links.map((link) => link.getAttribute("href"))).toEqual(["https://example.org"]);
  expect(links[0]?.getAttribute("rel")).toContain("noopener");
});

test("HTML lives in a frame without an origin, and says what it cannot load", () => {
  const text = '<script src="https://cdn.example.org/plot.js"></script>';
  // Outside of the document, where the test's browser does not load it.
  const container = document.createElement("div");
  render(<PreviewBody preview={preview("html", { text, path: "a b.html" })} onPath={nowhere} />, { container });
  const frame = container.querySelector("iframe");
  expect(frame?.getAttribute("sandbox")).toBe("allow-scripts");
  expect(frame?.getAttribute("src")).toMatch(/\/artifacts\/some%20id:download\?path=a\+b\.html&inline=true$/);
  expect(container.textContent).toContain("asks for scripts or styles of other hosts");
});

test("a directory is walked into, but not along links that leave it", async () => {
  const walked: string[] = [];
  const entries = [
    { name: "part", kind: "directory" as const, size: null },
    { name: "away", kind: "link" as const, size: null },
  ];
  render(<PreviewBody preview={preview("directory", { path: "top", entries })} onPath={(path) => walked.push(path)} />);
  expect(screen.getAllByRole("button")).toHaveLength(1);
  await userEvent.click(screen.getByRole("button", { name: /part/ }));
  expect(walked).toEqual(["top/part"]);
});

test("a confusion matrix is a table whose cells have headings", () => {
  const metrics = {
    confusionMatrix: {
      annotationSpecs: [{ displayName: "cat" }, { displayName: "dog" }],
      rows: [{ row: [3, 1] }, { row: [0, 4] }],
    },
    confidenceMetrics: [
      { falsePositiveRate: 0, recall: 0, confidenceThreshold: 1 },
      { falsePositiveRate: 0, recall: 1, confidenceThreshold: 0.5 },
      { falsePositiveRate: 1, recall: 1, confidenceThreshold: 0 },
    ],
  };
  render(<PreviewBody preview={preview("classification_metrics", { metrics })} onPath={nowhere} />);
  expect(screen.getByRole("table", { name: "Confusion matrix" })).toBeTruthy();
  expect(screen.getByRole("columnheader", { name: "dog" })).toBeTruthy();
  expect(screen.getByText("75%")).toBeTruthy();
  expect(screen.getByText("87.5% on the diagonal")).toBeTruthy();
  expect(screen.getByRole("img", { name: /ROC curve.*AUC 1/ })).toBeTruthy();
});
