import { contentAddress, type Preview } from "~/api/queries/artifacts";
import { useText } from "~/i18n/text";
import { Empty } from "~/ui/Empty";
import { DirectoryView } from "./DirectoryView";
import { HtmlView } from "./HtmlView";
import { JsonView } from "./JsonView";
import { MarkdownView } from "./MarkdownView";
import { ClassificationView, MetricsView, SlicedView } from "./MetricsView";
import styles from "./PreviewView.module.css";
import { TableView } from "./TableView";
import { TextView } from "./TextView";

interface Props {
  preview: Preview;
  onPath: (path: string) => void;
}

/** The content itself, by its kind. */
export function PreviewBody({ preview, onPath }: Props) {
  const text = useText();
  const source = preview.text ?? "";
  switch (preview.kind) {
    case "metrics":
      return <MetricsView metrics={preview.metrics ?? {}} />;
    case "classification_metrics":
      return <ClassificationView metrics={preview.metrics ?? {}} />;
    case "sliced_classification_metrics":
      return <SlicedView metrics={preview.metrics ?? {}} />;
    case "table":
      return <TableView columns={preview.columns ?? []} rows={preview.rows ?? []} truncated={preview.truncated} />;
    case "markdown":
      return <MarkdownView source={source} />;
    case "json":
      return <JsonView source={source} />;
    case "html":
      return <HtmlView preview={preview} />;
    case "image":
      return <Picture preview={preview} />;
    case "directory":
      return <DirectoryView preview={preview} onPath={onPath} />;
    case "binary":
      return (
        <Empty icon="file" title={text.preview.binary}>
          <p>{text.preview.binaryHint}</p>
        </Empty>
      );
    case "text":
      if (preview.media_type === "image/svg+xml") return <Picture preview={preview} />;
      if (source === "") return <p className={styles["note"]}>{text.preview.empty}</p>;
      return <TextView source={source} label={preview.name} />;
  }
}

/** A drawing runs no scripts within <img>, so it may come from the server as it is. */
function Picture({ preview }: { preview: Preview }) {
  const source = preview.image ?? contentAddress(preview.artifact_id, preview.path, true);
  return <img className={styles["picture"]} src={source} alt={preview.name} />;
}
