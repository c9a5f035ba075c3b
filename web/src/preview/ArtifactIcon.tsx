import { Icon, type IconName } from "~/ui/Icon";

const ICONS: Record<string, IconName> = {
  "system.Dataset": "dataset",
  "system.Model": "layers",
  "system.Metrics": "chart",
  "system.ClassificationMetrics": "chart",
  "system.SlicedClassificationMetrics": "chart",
  "system.HTML": "file",
  "system.Markdown": "file",
};

/** The kind of an artifact as a picture; its name stands beside it. */
export function ArtifactIcon({ type, size = 15 }: { type: string; size?: number }) {
  return <Icon name={ICONS[type] ?? "artifacts"} size={size} />;
}

/** `system.Dataset` is a Dataset; types of somebody's own keep their names. */
export function typeName(type: string): string {
  return type.replace(/^system\./, "");
}
