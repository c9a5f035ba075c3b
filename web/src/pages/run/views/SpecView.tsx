import { useQuery } from "@tanstack/react-query";
import { versionList } from "~/api/queries/pipelines";
import type { RunHeader } from "~/api/queries/run";
import { useText } from "~/i18n/text";
import { Failure } from "~/ui/Failure";
import { YamlView } from "~/yaml/YamlView";
import styles from "./Views.module.css";

/** The document of the pipeline that a run was made with. */
export function SpecView({ run }: { run: RunHeader }) {
  const text = useText();
  const versions = useQuery({ ...versionList(run.pipelineId), enabled: run.spec === null && run.pipelineId !== "" });
  if (versions.isError) return <Failure error={versions.error} again={versions.refetch} />;
  const spec = run.spec ?? versions.data?.find((each) => each.id === run.versionId)?.spec ?? null;
  if (spec) return <YamlView value={spec} />;
  return <p className={styles["calm"]}>{versions.isFetching ? text.common.loading : text.run.noSpec}</p>;
}
