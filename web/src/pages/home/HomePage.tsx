import { useQuery } from "@tanstack/react-query";
import { firstRuns } from "~/api/queries/runs";
import { useText } from "~/i18n/text";
import { ButtonLink } from "~/ui/ButtonLink";
import { Failure } from "~/ui/Failure";
import { Page } from "~/ui/Page";
import { Connect } from "./Connect";
import styles from "./HomePage.module.css";
import { NextPart } from "./NextPart";
import { RunningPart } from "./RunningPart";
import { FailedPart, LatestPart } from "./RunParts";
import { StartPart } from "./StartPart";

/** What goes on, what went wrong, and what comes. Without any run: how to get one. */
export function HomePage() {
  const text = useText();
  const any = useQuery(firstRuns({}, 1));
  if (any.isError) return <Failure page error={any.error} again={any.refetch} />;
  if (any.isPending) return null;
  if (any.data.total === 0) return <Connect />;
  return (
    <Page
      title={text.nav.home}
      actions={
        <>
          <ButtonLink to="/pipelines" search={{ upload: true }} icon="upload">
            {text.pipelines.upload}
          </ButtonLink>
          <ButtonLink to="/runs/new" look="primary" icon="play">
            {text.newRun.open}
          </ButtonLink>
        </>
      }
    >
      <div className={styles["columns"]}>
        <div className={styles["column"]}>
          <RunningPart />
          <FailedPart />
          <LatestPart />
        </div>
        <div className={styles["column"]}>
          <NextPart />
          <StartPart />
        </div>
      </div>
    </Page>
  );
}
