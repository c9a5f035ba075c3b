import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Schemas } from "~/api/client";
import { collectGarbage, garbage } from "~/api/queries/server";
import { bytes } from "~/format/bytes";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Confirm } from "~/ui/Confirm";
import { Facts } from "~/ui/Facts";
import { Faults } from "~/ui/Faults";
import styles from "./SettingsPage.module.css";

/** What a collection would free, and a button that does it. */
export function GarbagePart() {
  const text = useText();
  const queries = useQueryClient();
  const look = useQuery(garbage());
  const collect = useMutation({
    mutationFn: collectGarbage,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["server"] }),
  });
  const failed = look.error ?? collect.error;
  const report = look.data;
  return (
    <section className={styles["garbage"]}>
      <h3>{text.settings.garbage}</h3>
      {failed ? <Faults message={failed.message} /> : null}
      {collect.isSuccess ? <p role="status">{text.settings.garbageDone(bytes(collect.data.total_bytes))}</p> : null}
      {report ? <Report report={report} /> : null}
      {report && !isEmpty(report) ? (
        <Confirm
          trigger={
            <Button icon="trash" disabled={collect.isPending}>
              {text.settings.garbageRemove(bytes(report.total_bytes))}
            </Button>
          }
          title={text.settings.garbageTitle}
          action={text.settings.garbageRemove(bytes(report.total_bytes))}
          onConfirm={collect.mutate}
        >
          {text.settings.garbageHint}
        </Confirm>
      ) : null}
    </section>
  );
}

function Report({ report }: { report: Schemas["GcReport"] }) {
  const { garbageRows: words, garbageNone } = useText().settings;
  const runs = report.log_bytes + report.artifact_bytes + report.workspace_bytes;
  const rows: [string, number, number][] = [
    [words.runs, report.runs_deleted, runs],
    [words.leftovers, report.leftover_count, report.leftover_bytes],
    [words.documents, report.document_count, report.document_bytes],
    [words.environments, report.environment_count, report.environment_bytes],
  ];
  const kept = rows.filter(([, count]) => count > 0);
  if (kept.length === 0) return <p className={styles["quiet"]}>{garbageNone}</p>;
  return <Facts rows={kept.map(([name, count, size]) => [name, `${count.toLocaleString()} · ${bytes(size)}`])} />;
}

function isEmpty(report: Schemas["GcReport"]): boolean {
  return (
    report.runs_deleted + report.leftover_count + report.document_count + report.environment_count === 0 &&
    report.runs_archived === 0
  );
}
