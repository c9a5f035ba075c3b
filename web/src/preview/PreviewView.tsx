import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "~/api/client";
import { artifactPreview, contentAddress, type Preview } from "~/api/queries/artifacts";
import { bytes } from "~/format/bytes";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Icon } from "~/ui/Icon";
import { PathBar } from "./PathBar";
import { PreviewBody } from "./PreviewBody";
import styles from "./PreviewView.module.css";

interface Props {
  artifactId: string;
  /** The file or directory in an artifact that is a directory. Kept here where nobody keeps it. */
  path?: string;
  onPath?: (path: string) => void;
}

const SOME = 256 * 1024;
const MOST = 4 * 1024 * 1024;

/** What an artifact holds, drawn as what it is, with its download. Directories are walked through. */
export function PreviewView({ artifactId, path, onPath }: Props) {
  const text = useText();
  const [walked, setWalked] = useState("");
  const [size, setSize] = useState(SOME);
  const at = path ?? walked;
  const found = useQuery(artifactPreview(artifactId, at, size));
  const go = (next: string) => {
    setSize(SOME);
    (onPath ?? setWalked)(next);
  };
  const preview = found.data;
  return (
    <section className={styles["preview"]} aria-label={text.preview.title}>
      {at !== "" || (preview && hasFile(preview)) ? (
        <header className={styles["head"]}>
          <PathBar path={at} onPath={go} />
          {preview ? <span className={styles["about"]}>{about(preview)}</span> : null}
          {preview && hasFile(preview) ? (
            <a className={styles["download"]} href={contentAddress(artifactId, at)} download>
              <Icon name="download" size={14} />
              {preview.kind === "directory" ? text.preview.downloadPacked : text.preview.download}
            </a>
          ) : null}
        </header>
      ) : null}
      {found.isError ? <Unseen error={found.error} again={found.refetch} /> : null}
      {found.isPending ? <p className={styles["note"]}>{text.common.loading}</p> : null}
      {preview ? <PreviewBody preview={preview} onPath={go} /> : null}
      {preview?.truncated && canGrow(preview) ? (
        <p className={styles["note"]}>
          {text.preview.truncated}{" "}
          {size < MOST ? (
            <Button look="plain" disabled={found.isFetching} onClick={() => setSize(MOST)}>
              {text.preview.more(bytes(MOST))}
            </Button>
          ) : null}
        </p>
      ) : null}
    </section>
  );
}

/** Metrics are metadata, mostly without a file. */
function hasFile({ kind, size }: Preview): boolean {
  return size !== null || !kind.endsWith("metrics");
}

/** Kinds of which a longer beginning shows more. */
function canGrow({ kind }: Preview): boolean {
  return kind === "text" || kind === "json" || kind === "markdown";
}

function about({ media_type, size }: Preview): string {
  return [media_type === "application/octet-stream" ? "" : media_type, size === null ? "" : bytes(size)]
    .filter(Boolean)
    .join(" · ");
}

function Unseen({ error, again }: { error: unknown; again: () => void }) {
  const text = useText();
  if (error instanceof ApiError && error.status >= 400 && error.status < 500) {
    return (
      <Empty icon="file" title={text.preview.unseen}>
        <p>{error.message}</p>
      </Empty>
    );
  }
  return <Failure error={error} again={again} />;
}
